import {raiseLab, removeAll} from './lab.ts';
const start = performance.now();
const say = (line: string) => console.error(`${((performance.now() - start) / 1000).toFixed(1).padStart(6)} s  ${line}`);
const [command, ...rest] = process.argv.slice(2);
const at = rest.indexOf('--name');
const name = at === -1 ? 'main' : (rest[at + 1] ?? 'main');
if (command === 'up') await raiseLab({name, fast: rest.includes('--fast'), say});
else if (command === 'down') await removeAll(name);
