import {readFile} from 'node:fs/promises';
import type {Plugin} from 'esbuild';
import {singleWidth} from '../source/terminal/width.ts';

/**
 * What four libraries do over and over, or at their start, that nothing here needs, taken out of the bundle: a third of the time to the
 * first frame, half of the time of every later one, half of that of a packet. And what does not survive being bundled. The build fails when
 * a library no longer has the place.
 */
export const fasterLibraries: Plugin = {
  name: 'faster libraries',
  setup(build) {
    for (const {file, replace, by} of changes) {
      build.onLoad({filter: new RegExp(`/node_modules/${file.replaceAll('.', '\\.')}$`)}, async ({path}) => {
        const text = await readFile(path, 'utf8');
        const missing = replace.filter(place => text.split(place).length !== 2);
        if (missing.length > 0) return {errors: missing.map(place => ({text: `${file} no longer has once: ${place}`}))};
        return {
          contents: replace.reduce((changed, place, index) => changed.replace(place, () => by[index] ?? ''), text),
        };
      });
    }
  },
};

const changes = [
  {
    // Takes the styles of every row apart again for every frame, though most rows of most frames are those of the frame before.
    file: 'ink/build/output.js',
    replace: ['export default class Output {', '    caches = new OutputCaches();'],
    by: [
      'let rows = new OutputCaches(); const keptRows = () => { if (rows.styledChars.size > 1000 || rows.widths.size > 5000) rows = new OutputCaches(); return rows; };\nexport default class Output {',
      '    caches = keptRows();',
    ],
  },
  {
    // Corrects the licence's name in the package.json that it is given: tables of licences, sorted by locale.
    file: 'meow/build/dependencies.js',
    replace: ['var normalizeExports = requireNormalize();'],
    by: ['var normalizeExports = () => {};'],
  },
  {
    // Prepares the cipher's key anew for every packet, which takes longer than its encryption; and writes a packet in three pieces, each
    // a call of the system and, without Nagle's delay, a segment of its own on the wire.
    file: 'ssh2/lib/protocol/crypto.js',
    replace: [
      'createHmac, randomFillSync, timingSafeEqual\n',
      'this._encKey = enc.cipherKey;',
      'this._decipherKey = dec.decipherKey;',
      '    this._onWrite(lenData);\n',
      '    this._onWrite(encrypted);\n    const final = cipher.final();',
      '    if (final.length)\n      this._onWrite(final);\n',
      '    const tag = cipher.getAuthTag();\n    this._onWrite(tag);',
    ],
    by: [
      'createHmac, createSecretKey, randomFillSync, timingSafeEqual\n',
      'this._encKey = createSecretKey(enc.cipherKey);',
      'this._decipherKey = createSecretKey(dec.decipherKey);',
      '',
      '    const final = cipher.final();',
      '',
      '    this._onWrite(Buffer.concat([lenData, encrypted, final, cipher.getAuthTag()]));',
    ],
  },
  {
    // Knows a session that has no channel yet by the name of its class, which the bundle shortens: a server whose connection broke then died.
    file: 'ssh2/lib/utils.js',
    replace: ["channel.constructor.name === 'Session'"],
    by: ['channel.incoming === undefined'],
  },
  {
    // The classes of characters take 50 ms to build, and the marks that the screens are made of need none: built when they are asked for.
    file: 'string-width/index.js',
    replace: [
      'const segmenter = new Intl.Segmenter();',
      'const visibleCharacterRegex = /',
      '\\p{Surrogate}]/v;',
      'const spacingMarkRegex = /\\p{Spacing_Mark}/v;',
      'const rgiEmojiRegex = /^\\p{RGI_Emoji}$/v;',
      'const extendedPictographicRegex = /\\p{Extended_Pictographic}/gu;',
      'segment.match(extendedPictographicRegex)',
      'segment.search(visibleCharacterRegex)',
      '!visibleCharacterRegex.test(character)',
      'spacingMarkRegex.test(character)',
      'rgiEmojiRegex.test(segment)',
      'segmenter.segment(string)',
      'if (/^[\\u0020-\\u007E]*$/.test(string))',
    ],
    by: [
      'const once = make => { let made; return () => (made ??= make()); }; const segmenter = once(() => new Intl.Segmenter());',
      'const visibleCharacterRegex = once(() => /',
      '\\p{Surrogate}]/v);',
      'const spacingMarkRegex = once(() => /\\p{Spacing_Mark}/v);',
      'const rgiEmojiRegex = once(() => /^\\p{RGI_Emoji}$/v);',
      'const extendedPictographicRegex = once(() => /\\p{Extended_Pictographic}/gu);',
      'segment.match(extendedPictographicRegex())',
      'segment.search(visibleCharacterRegex())',
      '!visibleCharacterRegex().test(character)',
      'spacingMarkRegex().test(character)',
      'rgiEmojiRegex().test(segment)',
      'segmenter().segment(string)',
      `if (${singleWidth}.test(string) && ambiguousIsNarrow)`,
    ],
  },
];
