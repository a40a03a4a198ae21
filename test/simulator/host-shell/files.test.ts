import {afterEach, describe, expect, test} from 'vitest';
import type {World} from '../../../source/simulator/world.ts';
import {withLifeline} from '../../../source/ssh/lifeline.ts';
import {quoteArgv} from '../../../source/ssh/quote.ts';
import {endPrograms, program} from './program.ts';
import {watchedWorld} from './watched-world.ts';

afterEach(endPrograms);

const run = (world: World, line: string) => program(world, 'vm1', line).ended;

test('a file is brought to a host through its shell, as whole as it was sent', async () => {
  const world = watchedWorld();
  const text = 'services:\n  größe: "a\\b"\n';
  const script = 'umask 077; mkdir -p "$1" && cat > "$1/$2.new" && mv "$1/$2.new" "$1/$2"';
  const argv = ['sh', '-c', script, 'sh', '/opt/my cluster', 'compose.yaml'];
  const size = Buffer.byteLength(text);
  const line = quoteArgv(withLifeline(argv, {kind: 'bytes', count: size}));
  if (!line.ok) throw new Error(line.problem.message);
  const sent = program(world, 'vm1', line.value);
  sent.write(text);
  expect(await sent.ended).toEqual({stdout: '', stderr: '', status: 0});
  expect(await run(world, "cat '/opt/my cluster/compose.yaml'")).toMatchObject({stdout: text, status: 0});
  expect(await run(world, "stat -c '%a %U %s %F' '/opt/my cluster/compose.yaml'")).toMatchObject({
    stdout: `600 operator ${size} regular file\n`,
  });
  expect((await run(world, "ls -A '/opt/my cluster'")).stdout).toBe('compose.yaml\n');
});

test('files stay when the machine loses its power, and belong to one machine', async () => {
  const world = watchedWorld();
  await run(world, 'echo kept > /opt/note');
  world.faults.powerOff('vm1');
  world.faults.powerOn('vm1');
  world.advance(10_000);
  expect((await run(world, 'cat /opt/note')).stdout).toBe('kept\n');
  expect((await program(world, 'vm2', 'cat /opt/note').ended).status).toBe(1);
});

describe('what a real host says', () => {
  const gone = 'No such file or directory';
  test.each([
    ['cat > /nope/x', 2, '', 'sh: 1: cannot create /nope/x: Directory nonexistent\n'],
    ['cat < /nope', 2, '', 'sh: 1: cannot open /nope: No such file\n'],
    ['test -e /nope', 1, '', ''],
    ['test -d /opt && [ -f /etc/hostname ] && echo both', 0, 'both\n', ''],
    ['mkdir /tmp/a/b', 1, '', `mkdir: cannot create directory ‘/tmp/a/b’: ${gone}\n`],
    ['mkdir -p /tmp/a/b && mkdir /tmp/a', 1, '', 'mkdir: cannot create directory ‘/tmp/a’: File exists\n'],
    ['rm /nope', 1, '', `rm: cannot remove '/nope': ${gone}\n`],
    ['rm -f /nope', 0, '', ''],
    ['rm /tmp', 1, '', "rm: cannot remove '/tmp': Is a directory\n"],
    ['mkdir /tmp/a && rm -r /tmp/a && ls /tmp', 0, '', ''],
    ['mv /nope /tmp/x', 1, '', `mv: cannot stat '/nope': ${gone}\n`],
    ['chmod 600 /nope', 1, '', `chmod: cannot access '/nope': ${gone}\n`],
    ['chmod nope /tmp', 1, '', "chmod: invalid mode: ‘nope’\nTry 'chmod --help' for more information.\n"],
    ["chmod u=rw,go= /etc/hostname && stat -c '%a %U:%G %s %F' /etc/hostname", 0, '600 root:root 4 regular file\n', ''],
    ['stat -c %a /nope', 1, '', `stat: cannot statx '/nope': ${gone}\n`],
    ['ls /nope', 2, '', `ls: cannot access '/nope': ${gone}\n`],
    ['cat /nope', 1, '', `cat: /nope: ${gone}\n`],
    ['cat /', 1, '', 'cat: /: Is a directory\n'],
    ['cp /nope /x', 1, '', `cp: cannot stat '/nope': ${gone}\n`],
    ['cp /etc/hostname /tmp && cat /tmp/hostname', 0, 'vm1\n', ''],
    ['touch /nope/x', 1, '', `touch: cannot touch '/nope/x': ${gone}\n`],
    ['wc -c < /etc/hostname', 0, '4\n', ''],
    ['cd /opt && pwd', 0, '/opt\n', ''],
    ['cd /nope', 2, '', "sh: 1: cd: can't cd to /nope\n"],
    ['df -P /nope', 1, '', `df: /nope: ${gone}\n`],
    ['set -e; false; echo no', 1, '', ''],
    ['echo one > /tmp/a; echo two >> /tmp/a; cat < /tmp/a', 0, 'one\ntwo\n', ''],
    ['echo wrong >&2', 0, '', 'wrong\n'],
    ['command -v docker; command -v nope', 127, '/usr/bin/docker\n', ''],
    ['uname -m; hostname', 0, 'x86_64\nvm1\n', ''],
    ['echo >', 2, '', 'sh: 1: Syntax error: newline unexpected\n'],
  ])('%s', async (line, status, stdout, stderr) => {
    expect(await run(watchedWorld(), line)).toEqual({stdout, stderr, status});
  });

  test('df and date', async () => {
    const world = watchedWorld();
    expect((await run(world, 'df -P /')).stdout).toMatch(
      /^Filesystem +1024-blocks +Used +Available Capacity Mounted on\n\/dev\/vda1 +97656250 +\d+ +\d+ +\d+% \/\n$/,
    );
    world.faults.skewClock('vm1', 5000);
    const date = (await run(world, 'date +%s.%N')).stdout;
    expect(date).toMatch(/^\d{10}\.\d{9}\n$/);
    expect(Math.round(Number(date) * 1000)).toBe(world.now() + 5000);
  });
});
