import {readFileSync} from 'node:fs';

/** The password of `operator`, the one account that has any. */
export const operatorPassword = 'correct horse';

// What crypt(3) makes of it with SHA-512.
const operatorHash =
  '$6$pgaflab$iOioS6nwBiBSohRkNI7DrDrIOaZwa3s0/hHnr1x./LEqvA9OAm4/9LUBrtTizEQKbV0DRNvT.o4wPUxPgrSrz.';

/**
 * The people of a virtual machine, beside root: `oncall` and `operator` may use Docker, `nodocker` may not. All accept the lab's key,
 * `operator` a password as well.
 */
const people = [
  {name: 'oncall', id: 2001, docker: true, hash: '*'},
  {name: 'nodocker', id: 2002, docker: false, hash: '*'},
  {name: 'operator', id: 2003, docker: true, hash: operatorHash},
];

/** The account files of a virtual machine by name: this machine's system accounts, nobody's password, and the lab's people. */
export function accountFiles(): Record<'passwd' | 'shadow' | 'group' | 'gshadow', string> {
  const names = new Set(people.map(({name}) => name));
  const kept = (file: string) =>
    readFileSync(file, 'utf8')
      .split('\n')
      .filter(line => line !== '' && !names.has(line.split(':')[0] ?? ''));
  const passwd = kept('/etc/passwd').filter(line => isSystemAccount(line));
  const group = kept('/etc/group').map(line => (line.startsWith('docker:') ? withMembers(line) : line));
  return {
    passwd: lines(passwd, person => `${person.name}:x:${person.id}:${person.id}::/home/${person.name}:/bin/bash`),
    shadow: lines(passwd.map(withoutPassword), person => `${person.name}:${person.hash}:20000:0:99999:7:::`),
    group: lines(group, person => `${person.name}:x:${person.id}:`),
    gshadow: lines(group.map(asShadowGroup), person => `${person.name}:*::`),
  };
}

type Person = (typeof people)[number];

function lines(before: readonly string[], line: (person: Person) => string): string {
  return `${[...before, ...people.map(line)].join('\n')}\n`;
}

function isSystemAccount(line: string): boolean {
  const id = Number(line.split(':')[2]);
  return id < 1000 || id === 65534;
}

function withMembers(line: string): string {
  const members = people.filter(({docker}) => docker).map(({name}) => name);
  return `${line.split(':').slice(0, 3).join(':')}:${members.join(',')}`;
}

function withoutPassword(line: string): string {
  return `${line.split(':')[0] ?? ''}:*:20000:0:99999:7:::`;
}

function asShadowGroup(line: string): string {
  const [name = '', , , members = ''] = line.split(':');
  return `${name}:*::${members}`;
}
