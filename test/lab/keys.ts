import {chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {must} from './command.ts';

/** The kinds of host key that each virtual machine shows. */
const hostKeyTypes = ['ed25519', 'ecdsa'] as const;

/** Makes the key that all accounts accept, unless it is there, and gives its public line. */
export async function userKey(directory: string): Promise<string> {
  const file = join(directory, 'id_ed25519');
  await keyPair(file, 'ed25519', 'pgaf lab');
  return readFileSync(`${file}.pub`, 'utf8').trim();
}

/** Makes the host keys of a machine in a folder, unless they are there, and gives their known_hosts lines. */
export async function hostKeys(directory: string, address: string): Promise<string[]> {
  mkdirSync(directory, {recursive: true});
  const file = (type: string) => join(directory, `ssh_host_${type}_key`);
  await Promise.all(hostKeyTypes.map(type => keyPair(file(type), type, 'pgaf lab')));
  return hostKeyTypes.map(type => {
    const [kind = '', key = ''] = readFileSync(`${file(type)}.pub`, 'utf8').split(' ');
    return `${address} ${kind} ${key}`;
  });
}

/** The sshd_config of a machine: Debian's, with the methods that a company's sshd usually has. */
export function sshdConfiguration(): string {
  return [
    ...hostKeyTypes.map(type => `HostKey /etc/ssh/ssh_host_${type}_key`),
    'PermitRootLogin prohibit-password',
    'PasswordAuthentication yes',
    'KbdInteractiveAuthentication yes',
    'UsePAM yes',
    'PrintMotd no',
    'AcceptEnv LANG LC_*',
    'LogLevel VERBOSE',
    'Subsystem sftp /usr/lib/openssh/sftp-server',
    '',
  ].join('\n');
}

async function keyPair(file: string, type: string, comment: string): Promise<void> {
  if (existsSync(file) && existsSync(`${file}.pub`)) return;
  writeFileSync(file, '');
  chmodSync(file, 0o600);
  await must(['ssh-keygen', '-q', '-t', type, '-N', '', '-C', comment, '-f', file], {input: 'y\n'});
}
