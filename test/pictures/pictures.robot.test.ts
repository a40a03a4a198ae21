import {readFile} from 'node:fs/promises';
import {expect, test} from 'vitest';
import {likeness, wordsOfSvg} from './draw-svg.ts';
import {takePictures} from './take-pictures.ts';

test('the pictures of the README show the console as it is (npm run pictures makes them anew)', async () => {
  const now = await takePictures(3);
  expect(now.size).toBe(5);
  for (const [name, content] of now) {
    const kept = await readFile(new URL(`../../docs/${name}`, import.meta.url), 'utf8');
    // Recordings differ in every number; that one is there and plays the same program is enough.
    if (!name.endsWith('.svg')) expect(kept.split('\n')[0]).toBe(content.split('\n')[0]);
    else expect(likeness(wordsOfSvg(kept), wordsOfSvg(content)), name).toBeGreaterThan(0.8);
  }
}, 120_000);
