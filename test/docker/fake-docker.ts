import {chmodSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';

/** A program that stands in for docker: a shell script in a folder of its own, where it keeps its state in files. */
export type FakeDocker = {
  /** The docker prefix of the configuration. */
  docker: readonly string[];
  write(file: string, text: string): void;
  path(file: string): string;
  remove(): void;
};

/** `script` sees docker's arguments as "$@", and its own folder as $folder. */
export function fakeDocker(script: string): FakeDocker {
  const folder = mkdtempSync(join(tmpdir(), 'pgaf-docker-'));
  const program = join(folder, 'docker');
  writeFileSync(program, `#!/bin/sh\nfolder='${folder}'\n${script}\n`);
  chmodSync(program, 0o755);
  return {
    docker: [program],
    write: (file, text) => writeFileSync(join(folder, file), text),
    path: file => join(folder, file),
    remove: () => rmSync(folder, {recursive: true, force: true}),
  };
}
