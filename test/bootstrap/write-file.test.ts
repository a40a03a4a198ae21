import {spawnSync} from 'node:child_process';
import {mkdtempSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {expect, onTestFinished, test} from 'vitest';
import {writeCommand} from '../../source/bootstrap/write-file.ts';

test('a file is written whole or not at all, also when the one who writes is killed on the way', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'pgaf-write-'));
  onTestFinished(() => rmSync(folder, {recursive: true, force: true}));
  const file = path.join(folder, 'made', 'secrets.env');
  const write = (content: string, arrives: string) => {
    const [command = '', ...args] = writeCommand(file, content, '077');
    return spawnSync(command, args, {input: arrives}).status;
  };
  expect([write('größer\n', 'größer\n'), readFileSync(file, 'utf8')]).toEqual([0, 'größer\n']);
  expect([write('another\n', 'ano'), readFileSync(file, 'utf8')]).toEqual([1, 'größer\n']);
  expect([write('another\n', ''), readFileSync(file, 'utf8')]).toEqual([1, 'größer\n']);
});
