import type {Lab} from '../lab/lab.ts';
import {waitUntil} from '../lab/wait.ts';

const folder = '/run/registry';
const configuration = [
  'version: 0.1',
  `storage: {filesystem: {rootdirectory: ${folder}/data}}`,
  'http: {addr: 127.0.0.1:5000}',
  'log: {level: error}',
].join('\n');

/**
 * A registry on a machine, which no other reaches, with an image that has nothing in it but a few megabytes: no program, so that nothing is
 * made of it. `stop` ends it and forgets what it keeps.
 */
export async function startRegistry(lab: Lab, host: string): Promise<{image: string; stop(): Promise<void>}> {
  const image = '127.0.0.1:5000/nothing:1';
  const run = async (script: string) => {
    const {exitCode, stdout, stderr} = await lab.exec(host, ['sh', '-c', script, 'registry', configuration, image]);
    if (exitCode !== 0) throw new Error(`the registry on ${host}: ${stderr}`);
    return stdout;
  };
  const serve = `docker-registry serve ${folder}/registry.yml >${folder}/log 2>&1 </dev/null & echo $! >${folder}/pid`;
  await run(`mkdir ${folder} && echo "$1" >${folder}/registry.yml && { ${serve}; }`);
  const stop = async () => {
    await run(`kill "$(cat ${folder}/pid)"; rm -rf ${folder}`);
  };
  try {
    await waitUntil('the registry listens', 60_000, async () =>
      / 0100007F:1388 .* 0A /.test(await run('cat /proc/net/tcp')),
    );
    await run('head -c 4000000 /dev/urandom >/tmp/nothing && tar -C /tmp -c nothing | docker import - "$2"');
    await run('docker push --quiet "$2" && docker image rm "$2" && rm /tmp/nothing');
  } catch (error) {
    await stop();
    throw error;
  }
  return {image, stop};
}
