/** A task's bytes as plain text for an output channel, which shows neither colours nor a moving cursor. */
import { StringDecoder } from 'node:string_decoder';

/* eslint-disable no-control-regex -- escape sequences are what this file is about */
/** ECMA-48: CSI sequences, OSC and other strings up to their terminator, and two-character escapes. */
const escapes =
  /\u001b\[[0-?]*[ -/]*[@-~]|\u001b[\]PX^_][^\u0007\u001b]*(?:\u0007|\u001b\\)|\u001b[ -/]*[0-Z\\^-~]|\u009b[0-?]*[ -/]*[@-~]/gu;
/** The beginning of a sequence whose end has not come yet. */
const unfinished = /(?:\u001b(?:\[[0-?]*[ -/]*|[\]PX^_][^\u0007\u001b]*\u001b?|[ -/]*)?|\u009b[0-?]*[ -/]*)$/u;
/** Other controls but tab and line feed; a carriage return is handled apart. */
const controls = /[\u0000-\u0008\u000b\u000c\u000e-\u001a\u001c-\u001f\u007f]/gu;
/* eslint-enable no-control-regex */

/** A sequence that never ends is text after all. */
const maxUnfinished = 4096;

/** Turns the bytes of one stream into text, piece by piece. */
export class PlainText {
  readonly #decoder = new StringDecoder('utf8');
  /** What cannot be told yet: the beginning of an escape sequence, or a carriage return at the end. */
  #rest = '';

  /** The text that is certain after `data`. */
  add(data: Uint8Array): string {
    const text = this.#rest + this.#decoder.write(Buffer.from(data.buffer, data.byteOffset, data.byteLength));
    const open = unfinished.exec(text);
    let end = open !== null && text.length - open.index <= maxUnfinished ? open.index : text.length;
    // A carriage return may be the first half of a line end.
    if (end > 0 && text[end - 1] === '\r') end -= 1;
    this.#rest = text.slice(end);
    const certain = text.slice(0, end);
    // What was shown before cannot be taken back: the new state of the line comes below it.
    return plain(/^\r+[^\r\n]/u.test(certain) ? certain.replace(/^\r+/u, '\n') : certain);
  }

  /** What is left at the end of the stream. */
  end(): string {
    const rest = plain(this.#rest + this.#decoder.end());
    this.#rest = '';
    return rest;
  }
}

/**
 * Text without escape sequences and control characters. What a carriage return would overwrite is left out: of a progress
 * bar its last state stays.
 */
export function plain(text: string): string {
  const visible = text.replace(escapes, '').replace(/\r+\n/gu, '\n').replace(controls, '');
  if (!visible.includes('\r')) return visible;
  return visible
    .split('\n')
    .map((line) => line.slice(line.lastIndexOf('\r', line.length - 2) + 1).replace(/\r$/u, '\n'))
    .join('\n');
}
