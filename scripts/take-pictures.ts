import {mkdir, writeFile} from 'node:fs/promises';
import {fileURLToPath} from 'node:url';
import {takePictures} from '../test/pictures/take-pictures.ts';

/** Makes the README's pictures anew: `npm run pictures`. */
const folder = fileURLToPath(new URL('../docs/', import.meta.url));
await mkdir(folder, {recursive: true});
for (const [name, content] of await takePictures()) {
  await writeFile(`${folder}${name}`, content);
  console.log(`docs/${name}`);
}
