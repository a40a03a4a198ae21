import type {Tone} from './style.ts';

/** A piece of text and how it is to look, as data; may hold text from outside, which is made safe when it is drawn. */
export type Span = {readonly text: string; readonly tone?: Tone | readonly Tone[]};
