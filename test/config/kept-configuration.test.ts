import {chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {afterEach, beforeEach, expect, test} from 'vitest';
import {keptConfiguration} from '../../source/config/kept-configuration.ts';
import {parseConfiguration} from '../../source/config/parse-configuration.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'pgaf-kept-'));
});

afterEach(() => rmSync(folder, {recursive: true, force: true}));

const text = 'clusters: [{name: one, hosts: [{name: vm1, address: 10.0.0.1, node: {container: pg_node1}}]}]\n';
const parsed = parseConfiguration(text, 'pgaf.yaml');
if (!parsed.ok) throw new Error(parsed.problem.message);
const {content} = parsed.value;

test('gives back what a text was found to mean, and nothing for another text, file or program', async () => {
  const kept = keptConfiguration(path.join(folder, 'kept'), 'build 1');
  await kept.keep('/etc/pgaf.yaml', text, content);
  expect(await kept.find('/etc/pgaf.yaml', text)).toEqual(content);
  expect(await kept.find('/etc/pgaf.yaml', `${text}# changed`)).toBeUndefined();
  expect(await kept.find('/etc/other.yaml', text)).toBeUndefined();
  const other = keptConfiguration(path.join(folder, 'kept'), 'build 2');
  expect(await other.find('/etc/pgaf.yaml', text)).toBeUndefined();
});

test('is for its owner alone, and what was tampered with is not believed', async () => {
  const place = path.join(folder, 'kept');
  const kept = keptConfiguration(place, 'build');
  await kept.keep('pgaf.yaml', text, content);
  const [name = ''] = readdirSync(place);
  const file = path.join(place, name);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  writeFileSync(file, readFileSync(file, 'utf8').replace('10.0.0.1', '10.6.6.6'));
  expect(await kept.find('pgaf.yaml', text)).toBeUndefined();
  writeFileSync(file, 'no such thing');
  expect(await kept.find('pgaf.yaml', text)).toBeUndefined();
});

test('a folder that cannot be made is no failure', async () => {
  const file = path.join(folder, 'a file');
  writeFileSync(file, '');
  chmodSync(file, 0o400);
  const kept = keptConfiguration(path.join(file, 'kept'), 'build');
  await kept.keep('pgaf.yaml', text, content);
  expect(await kept.find('pgaf.yaml', text)).toBeUndefined();
});
