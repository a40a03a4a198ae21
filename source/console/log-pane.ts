import type {EdgeClock} from '../cluster/back-off.ts';
import {problemOf} from '../cluster/sample.ts';
import {followContainerLog, type LogLine} from '../logs/container-log.ts';
import {type LineFilter, parseFilter} from '../logs/filter.ts';
import {LineRing} from '../logs/ring.ts';
import type {HostConnection} from '../ssh/host-connection.ts';
import type {LogPaneState} from './store.ts';

/**
 * The lines of one container's log, and which of them show. Lines never pass through the store: they stay in a bounded ring, and the
 * pane is asked for the window to draw. Positions are sequence numbers of the ring, so that they hold while old lines fall out.
 */
export class LogPane {
  readonly node: string;
  readonly host: string;
  readonly container: string;
  #ring = new LineRing({maxLines: 100_000, maxBytes: 32 * 1024 * 1024});
  #log: ReturnType<typeof followContainerLog>;
  #filter: LineFilter | undefined;
  #filterText = '';
  #editing = false;
  /** Sequences of the lines that match, oldest first; undefined without a filter. */
  #matching: number[] | undefined;
  /** The line at the bottom; undefined while following. */
  #bottom: number | undefined;
  #wrap: boolean = false;
  #column = 0;
  #connection: string | undefined = 'connecting';
  #version = 0;
  #onChange: (urgent: boolean) => void;

  constructor(
    source: {node: string; host: HostConnection; docker: readonly string[]; container: string; clock: EdgeClock},
    onChange: (urgent: boolean) => void,
  ) {
    this.node = source.node;
    this.host = source.host.name;
    this.container = source.container;
    this.#onChange = onChange;
    this.#log = followContainerLog(
      {host: source.host, docker: source.docker, container: source.container, tail: 5000, clock: source.clock},
      {
        lines: lines => this.#add(lines),
        state: state => {
          this.#connection = problemOf(state)?.message;
          this.#changed(true);
        },
      },
    );
  }

  /** Up to `count` lines ending at the bottom line, oldest first, and where the filter's words stand in them. */
  window(count: number): readonly {line: LogLine; ranges: readonly (readonly [number, number])[]}[] {
    const lines: {line: LogLine; ranges: readonly (readonly [number, number])[]}[] = [];
    for (let index = this.#bottomIndex(); index >= 0 && lines.length < count; index -= 1) {
      const line = this.#ring.at(this.#sequenceAt(index));
      if (line === undefined) break;
      lines.push({line, ranges: this.#filter?.inverted === false ? this.#filter.ranges(line.text) : []});
    }
    return lines.reverse();
  }

  get wrap(): boolean {
    return this.#wrap;
  }

  /** The first column that shows when lines are not wrapped. */
  get column(): number {
    return this.#column;
  }

  state(): LogPaneState {
    return {
      node: this.node,
      host: this.host,
      container: this.container,
      following: this.#bottom === undefined,
      paused: this.#bottom !== undefined,
      wrap: this.#wrap,
      filter: this.#filterText,
      editingFilter: this.#editing,
      lines: this.#ring.end - this.#ring.first,
      matching: this.#count(),
      seen: this.#ring.seen,
      dropped: this.#ring.dropped,
      connection: this.#connection,
      version: this.#version,
    };
  }

  /** Moves the bottom by so many lines; reaching the end follows again. `height` keeps the first screen full. */
  scroll(lines: number, height: number): void {
    const last = this.#count() - 1;
    const target = Math.max(this.#bottomIndex() + lines, Math.min(height - 1, last));
    this.#bottom = target >= last ? undefined : this.#sequenceAt(target);
    this.#changed(true);
  }

  toTop(height: number): void {
    this.scroll(-this.#count(), height);
  }

  follow(): void {
    this.#bottom = undefined;
    this.#changed(true);
  }

  /** Holds what shows now, or follows again. Lines go on being collected. */
  togglePause(): void {
    this.#bottom = this.#bottom === undefined && this.#count() > 0 ? this.#sequenceAt(this.#count() - 1) : undefined;
    this.#changed(true);
  }

  toggleWrap(): void {
    this.#wrap = !this.#wrap;
    this.#column = 0;
    this.#changed(true);
  }

  shift(columns: number): void {
    this.#column = this.#wrap ? 0 : Math.max(0, this.#column + columns);
    this.#changed(true);
  }

  editFilter(editing: boolean): void {
    this.#editing = editing;
    this.#changed(true);
  }

  /** Text that is no valid expression yet, as while typing, keeps the last filter that was. */
  setFilter(text: string): void {
    this.#filterText = text;
    const parsed = parseFilter(text);
    if (parsed.ok) {
      this.#filter = text === '' ? undefined : parsed.value;
      this.#matching = this.#filter === undefined ? undefined : this.#allMatching(this.#filter);
      this.#bottom = undefined;
    }
    this.#changed(true);
  }

  retryNow(): void {
    this.#log.retryNow();
  }

  close(): void {
    this.#log.close();
  }

  #add(lines: readonly LogLine[]): void {
    const quiet = this.#ring.seen === 0;
    for (const line of lines) {
      const sequence = this.#ring.end;
      this.#ring.push(line);
      if (this.#matching !== undefined && this.#filter?.matches(line.text) === true) this.#matching.push(sequence);
    }
    this.#forgetDropped();
    this.#changed(quiet);
  }

  /** In one cut, and rarely: cutting at every line would move the whole array each time. */
  #forgetDropped(): void {
    const matching = this.#matching;
    if (matching === undefined) return;
    const first = matching[0];
    if (first === undefined || this.#ring.first - first < 10_000) return;
    this.#matching = matching.slice(firstAtLeast(matching, this.#ring.first));
  }

  #allMatching(filter: LineFilter): number[] {
    const sequences: number[] = [];
    for (let sequence = this.#ring.first; sequence < this.#ring.end; sequence += 1) {
      const line = this.#ring.at(sequence);
      if (line !== undefined && filter.matches(line.text)) sequences.push(sequence);
    }
    return sequences;
  }

  #count(): number {
    if (this.#matching === undefined) return this.#ring.end - this.#ring.first;
    return this.#matching.length - firstAtLeast(this.#matching, this.#ring.first);
  }

  #sequenceAt(index: number): number {
    if (this.#matching === undefined) return this.#ring.first + index;
    return this.#matching[firstAtLeast(this.#matching, this.#ring.first) + index] ?? this.#ring.end;
  }

  #bottomIndex(): number {
    const last = this.#count() - 1;
    if (this.#bottom === undefined) return last;
    if (this.#matching === undefined) return Math.max(0, Math.min(last, this.#bottom - this.#ring.first));
    const skipped = firstAtLeast(this.#matching, this.#ring.first);
    return Math.max(0, Math.min(last, firstAtLeast(this.#matching, this.#bottom) - skipped));
  }

  #changed(urgent: boolean): void {
    this.#version += 1;
    this.#onChange(urgent);
  }
}

/** Index of the first number that is at least `wanted`, in numbers that grow. */
function firstAtLeast(numbers: readonly number[], wanted: number): number {
  let low = 0;
  let high = numbers.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((numbers[middle] ?? wanted) < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}
