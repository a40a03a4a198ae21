import {spawn} from 'node:child_process';
import {fileURLToPath} from 'node:url';
import {plainEnvironment} from './command.ts';
import {withLock} from './lock.ts';
import {lives, marks, startOf} from './processes.ts';
import {removeRemains} from './remove.ts';
import {waitUntil} from './wait.ts';

/** Starts a process that removes the lab as soon as the owner is gone, however it died. `down` ends it. */
export function startWatchdog(lab: string, owner: number): void {
  const start = startOf(owner);
  if (start === undefined) throw new Error(`the owner of lab ${lab}, process ${owner}, does not live`);
  const child = spawn(process.execPath, [fileURLToPath(import.meta.url), lab, String(owner), start], {
    // The lab's folders follow XDG_CACHE_HOME no further than the image, which a removal does not touch.
    env: {...plainEnvironment, ...marks(lab, 'watchdog')},
    cwd: '/',
    detached: true,
    stdio: 'ignore',
  });
  child.on('error', () => undefined);
  child.unref();
}

if (import.meta.main) {
  const [lab = '', owner = '', start = ''] = process.argv.slice(2);
  await waitUntil('its owner is gone', Number.POSITIVE_INFINITY, () => !lives(Number(owner), start), 500);
  await withLock(`lab-${lab}`, () => removeRemains(lab));
}
