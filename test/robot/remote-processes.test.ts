import {expect, test} from 'vitest';
import {openSshArguments} from './open-ssh.ts';
import {parseProcesses} from './remote-processes.ts';

test('a listing of ps is read with its blanks', () => {
  expect(parseProcesses('      1 /sbin/init\n  20431 docker logs -f  pg_node1\n')).toEqual([
    {pid: 1, commandLine: '/sbin/init'},
    {pid: 20431, commandLine: 'docker logs -f  pg_node1'},
  ]);
});

test('ssh is called without the settings of the person who runs the tests', () => {
  const argv = openSshArguments({
    address: '10.0.0.11',
    port: 2222,
    user: 'root',
    identityFiles: ['/tmp/a key'],
    knownHostsFiles: ['/tmp/known hosts'],
  });
  expect(argv.join(' ')).toContain('-F none');
  expect(argv).toContain('UserKnownHostsFile="/tmp/known hosts"');
  expect(argv.slice(-7)).toEqual(['-i', '/tmp/a key', '-p', '2222', '-l', 'root', '10.0.0.11'].slice(-7));
});
