import {expect, onTestFinished, test} from 'vitest';
import {executeStep} from '../../source/console/execute-step.ts';
import {fakeDocker} from '../docker/fake-docker.ts';
import {openLocalHost} from '../docker/local-host.ts';

const unread = (times: number) => `
read tried 2>/dev/null < "$folder/tried" || tried=0
echo $((tried + 1)) > "$folder/tried"
if [ "$tried" -lt ${times} ]; then
  echo '12:00:00 7 ERROR Failed to find section pg_autoctl in "/var/lib/postgres/pg_autoctl.cfg"' >&2
  echo '12:00:00 7 FATAL Unrecognized configuration file "/var/lib/postgres/pg_autoctl.cfg"' >&2
  exit 2
fi
echo restarted
`;

async function executed(script: string, argv: readonly string[]) {
  const docker = fakeDocker(script);
  const host = openLocalHost();
  onTestFinished(async () => {
    await host.close();
    docker.remove();
  });
  const lines: string[] = [];
  const outcome = await executeStep(host, {host: 'vm1', argv: [...docker.docker, ...argv]}, line => lines.push(line));
  return {exitCode: outcome.ok ? outcome.value.exitCode : outcome.problem.message, lines, tries: host.ran.length};
}

const restart = ['exec', 'pg_node2', 'pg_autoctl', 'do', 'service', 'restart', 'postgres'];

test('pg_autoctl that finds its configuration just being written is asked once more, and that is said', async () => {
  const {exitCode, lines, tries} = await executed(unread(1), restart);
  expect([exitCode, tries]).toEqual([0, 2]);
  expect(lines.slice(-2)).toEqual(['pg_autoctl was just writing that file: once more', 'restarted']);
});

test('a configuration that stays unreadable is told after a few tries', async () => {
  expect(await executed(unread(99), restart)).toMatchObject({exitCode: 2, tries: 4});
});

test('a script is not run twice: it may have done something before', async () => {
  const script = ['exec', 'pg_node2', 'sh', '-c', 'something; pg_autoctl do service restart postgres'];
  expect(await executed(unread(1), script)).toMatchObject({exitCode: 2, tries: 1});
});
