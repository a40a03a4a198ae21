import {sanitizeLine} from '../logs/sanitize.ts';

type Layer = {bytes: number; totalBytes: number; waits: boolean};

/** Follows what `docker pull` writes to a terminal, whatever pieces that comes in. */
export function followPull(): {
  hear(text: string): void;
  /** In bytes that have come; of how many is not known before every layer has begun. */
  progress(): {bytes: number; totalBytes?: number};
  /** The last line that is about no layer: when it fails, why. */
  lastWords(): string;
} {
  const layers = new Map<string, Layer>();
  let unfinished = '';
  let words = '';
  const hearLine = (line: string) => {
    const [, id = '', status = ''] = /^([0-9a-f]{12}): (.*)$/.exec(line) ?? [];
    if (id === '') {
      if (line !== '') words = line;
      return;
    }
    const before = layers.get(id) ?? {bytes: 0, totalBytes: 0, waits: true};
    layers.set(id, layerAfter(before, status));
  };
  return {
    hear(text) {
      const lines = (unfinished + text).split(/[\r\n]+/);
      unfinished = lines.pop() ?? '';
      for (const line of lines) hearLine(sanitizeLine(line).trim());
    },
    progress() {
      const all = [...layers.values()];
      const sum = (of: (layer: Layer) => number) => all.reduce((total, layer) => total + of(layer), 0);
      const bytes = sum(layer => layer.bytes);
      return all.some(layer => layer.waits) ? {bytes} : {bytes, totalBytes: sum(layer => layer.totalBytes)};
    },
    lastWords: () => sanitizeLine(unfinished).trim() || words,
  };
}

function layerAfter(before: Layer, status: string): Layer {
  const [, came = '', whole = ''] = /^Downloading\b.*?([\d.]+[kMGT]?B)\/([\d.]+[kMGT]?B)/.exec(status) ?? [];
  if (came !== '') return {bytes: bytesOf(came), totalBytes: bytesOf(whole), waits: false};
  // What was so small that it was never seen to come counts nothing.
  const isThere = /^(Verifying Checksum|Download complete|Extracting|Pull complete|Already exists)/.test(status);
  return isThere ? {...before, bytes: before.totalBytes, waits: false} : before;
}

const units = ['B', 'kB', 'MB', 'GB', 'TB'];

/** Docker counts in thousands. */
function bytesOf(text: string): number {
  const [, number = '', unit = ''] = /^([\d.]+)(\w+)$/.exec(text) ?? [];
  return Number(number) * 1000 ** units.indexOf(unit);
}
