import type {Cell} from '../robot/screen.ts';

/** What a picture is drawn from: a screen, cell by cell. */
export type Picture = {columns: number; rows: number; cell(x: number, y: number): Cell; title: string};

const cellWidth = 8.4;
const cellHeight = 18;
const margin = 12;
const ground = '#14161b';
const ink = '#d5d8de';
/** The sixteen colours of the picture's terminal. */
const palette = [
  '#1d1f26',
  '#e5534b',
  '#57ab5a',
  '#d9a441',
  '#539bf5',
  '#b083f0',
  '#39c5cf',
  '#cdd3dc',
  '#768390',
  '#ff7b72',
  '#7ee787',
  '#f2cc60',
  '#79c0ff',
  '#d2a8ff',
  '#56d4dd',
  '#ffffff',
] as const;

/** A screen as an SVG: text that can be read, searched and selected, in the colours of the terminal. */
export function drawSvg({columns, rows, cell, title}: Picture): string {
  const width = Math.ceil(columns * cellWidth + 2 * margin);
  const height = Math.ceil(rows * cellHeight + 2 * margin);
  const parts: string[] = [];
  for (let y = 0; y < rows; y += 1) {
    for (const {x, cells} of runsOf(Array.from({length: columns}, (_, index) => cell(index, y)))) {
      parts.push(...drawRun(x, y, cells));
    }
  }
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${width}" height="${height}" rx="8" fill="${ground}"/>`,
    `<g font-family="ui-monospace,Menlo,Consolas,'DejaVu Sans Mono',monospace" font-size="14" xml:space="preserve">`,
    ...parts,
    '</g>',
    '</svg>',
    '',
  ].join('\n');
}

/** The words of a picture, for telling whether two show the same screen at different moments. */
export function wordsOfSvg(svg: string): ReadonlySet<string> {
  const texts = [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text = '']) => text);
  return new Set(texts.join(' ').match(/[A-Za-z_]{3,}/g) ?? []);
}

/** How much of two sets is in both, 0 to 1. */
export function likeness(one: ReadonlySet<string>, other: ReadonlySet<string>): number {
  const both = [...one].filter(word => other.has(word)).length;
  const all = new Set([...one, ...other]).size;
  return all === 0 ? 1 : both / all;
}

/** Neighbours that look the same, in one piece; blanks without a background are left out. */
function runsOf(cells: readonly Cell[]): {x: number; cells: Cell[]}[] {
  const runs: {x: number; cells: Cell[]}[] = [];
  let look = '';
  for (const [x, each] of cells.entries()) {
    const ownLook = lookOf(each);
    const last = runs.at(-1);
    if (last !== undefined && ownLook === look) last.cells.push(each);
    else runs.push({x, cells: [each]});
    look = ownLook;
  }
  return runs.filter(({cells: [first, ...others]}) => {
    if (first === undefined) return false;
    return coloursOf(first).background !== undefined || [first, ...others].some(each => each.text.trim() !== '');
  });
}

function drawRun(x: number, y: number, cells: readonly Cell[]): string[] {
  const [first] = cells;
  if (first === undefined) return [];
  const {foreground, background} = coloursOf(first);
  const left = round(margin + x * cellWidth);
  const top = margin + y * cellHeight;
  const width = round(cells.length * cellWidth);
  const text = cells.map(each => each.text).join('');
  const looks = [
    first.bold ? ' font-weight="bold"' : '',
    first.italic ? ' font-style="italic"' : '',
    first.underline ? ' text-decoration="underline"' : '',
    first.dim ? ' opacity="0.6"' : '',
  ].join('');
  return [
    ...(background === undefined
      ? []
      : [`<rect x="${left}" y="${top}" width="${width}" height="${cellHeight}" fill="${background}"/>`]),
    ...(text.trim() === ''
      ? []
      : [
          `<text x="${left}" y="${top + 13}" textLength="${width}" fill="${foreground}"${looks}>${escaped(text)}</text>`,
        ]),
  ];
}

function coloursOf(cell: Cell): {foreground: string; background: string | undefined} {
  const foreground = colour(cell.foreground);
  const background = colour(cell.background);
  if (!cell.inverse) return {foreground: foreground ?? ink, background};
  return {foreground: background ?? ground, background: foreground ?? ink};
}

/** The 256 colours as xterm has them. */
function colour(value: Cell['foreground']): string | undefined {
  if (value === 'default') return undefined;
  if (typeof value === 'string') return value;
  const named = palette[value];
  if (named !== undefined) return named;
  if (value >= 232) return hex([8 + (value - 232) * 10, 8 + (value - 232) * 10, 8 + (value - 232) * 10]);
  const index = value - 16;
  return hex(
    [Math.floor(index / 36), Math.floor(index / 6) % 6, index % 6].map(step => (step === 0 ? 0 : 55 + step * 40)),
  );
}

function hex(parts: readonly number[]): string {
  return `#${parts.map(part => part.toString(16).padStart(2, '0')).join('')}`;
}

function lookOf(cell: Cell): string {
  return [cell.foreground, cell.background, cell.bold, cell.dim, cell.italic, cell.underline, cell.inverse].join(' ');
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
