import {execFileSync} from 'node:child_process';
import {chmodSync, mkdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {beforeEach, describe, expect, test} from 'vitest';
import {actionKinds} from '../../source/actions/registry.ts';
import {consoleProgram, temporaryFolder, unreachableConfiguration} from '../robot/console-program.ts';

// Completion of the built program by real shells. Where a shell is not installed, its tests are left out.

let folder: string;
let environment: Record<string, string>;

beforeEach(() => {
  folder = temporaryFolder();
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  writeFileSync(join(bin, 'pgaf'), `#!/bin/sh\nexec '${consoleProgram.node}' '${consoleProgram.bundle}' "$@"\n`);
  chmodSync(join(bin, 'pgaf'), 0o755);
  writeFileSync(join(folder, 'some-file.yaml'), '');
  unreachableConfiguration(folder);
  environment = {PATH: `${bin}:${process.env.PATH}`, HOME: folder, LANG: 'C.UTF-8'};
});

function isInstalled(shell: string): boolean {
  try {
    execFileSync(shell, ['--version'], {stdio: 'ignore'});
    return true;
  } catch {
    return false;
  }
}

/** What bash would offer for a command line whose last word is being typed. */
function bash(line: string): string[] {
  const words = line.split(' ');
  const script = `
    source <(pgaf completion bash)
    COMP_WORDS=(${words.map(word => `'${word}'`).join(' ')}) COMP_CWORD=${words.length - 1}
    _pgaf
    printf '%s\\n' "\${COMPREPLY[@]}"`;
  const output = execFileSync('bash', ['-c', script], {env: environment, cwd: folder, encoding: 'utf8'});
  return output.split('\n').filter(word => word !== '');
}

describe.skipIf(!isInstalled('bash'))('bash completes', () => {
  test('every command and action', () => {
    const firsts = new Set(actionKinds.map(kind => kind.usage.split(' ')[0]));
    expect(bash('pgaf ')).toEqual(expect.arrayContaining([...firsts, 'status', 'audit', 'config', 'completion']));
    expect(bash('pgaf sta')).toEqual(['status']);
    expect(bash('pgaf config ')).toEqual(['init', 'check', 'schema']);
    expect(bash('pgaf completion ')).toEqual(['bash', 'zsh', 'fish']);
  });

  test('the words of an action, then the containers and hosts of the configuration', () => {
    expect(bash('pgaf maintenance o')).toEqual(['on', 'off']);
    const config = '--config unreachable.yaml';
    const names = ['pg_node1', 'vm1', 'pg_node2', 'vm2', 'pg_node3', 'vm3'];
    expect(bash(`pgaf ${config} maintenance on `)).toEqual(names);
    expect(bash(`pgaf maintenance ${config} on pg_`)).toEqual(['pg_node1', 'pg_node2', 'pg_node3']);
    expect(bash(`pgaf switchover ${config} --to vm`)).toEqual(['vm1', 'vm2', 'vm3']);
    expect(bash(`pgaf switchover ${config} --to = vm2`)).toEqual(['vm2']);
    expect(bash(`pgaf status ${config} --cluster `)).toEqual(['orders']);
    // Without a configuration there are no names, and no complaint.
    expect(bash('pgaf maintenance on ')).toEqual([]);
  });

  test('the options that the command takes', () => {
    expect(bash('pgaf maintenance on pg_node1 --')).toEqual(
      expect.arrayContaining(['--allow-failover', '--dry-run', '--yes', '--force', '--json', '--config']),
    );
    expect(bash('pgaf status --')).not.toContain('--yes');
    expect(bash('pgaf status --w')).toEqual(['--watch']);
    expect(bash('pgaf demo --scenario power')).toEqual(['power-cut']);
  });

  test('names of files where one is asked for', () => {
    const script = `
      source <(pgaf completion bash)
      compopt() { printf 'compopt %s\\n' "$*"; }
      COMP_WORDS=(pgaf status --config '') COMP_CWORD=3
      _pgaf`;
    const output = execFileSync('bash', ['-c', script], {env: environment, cwd: folder, encoding: 'utf8'});
    expect(output).toBe('compopt -o default\n');
  });
});

describe.each(['zsh', 'fish'])('%s', shell => {
  test.skipIf(!isInstalled(shell))('reads its script', () => {
    const script = execFileSync('pgaf', ['completion', shell], {env: environment, encoding: 'utf8'});
    execFileSync(shell, ['--no-execute'], {input: script, env: environment});
  });
});
