/** Bytes for a pseudoterminal: text whose lines end with CR LF, since nothing behind it is a real terminal's driver. */
import { StringDecoder } from 'node:string_decoder';

export class PtyText {
  readonly #decoder = new StringDecoder('utf8');
  #endsWithReturn = false;

  /** The text of the next piece. */
  add(data: Uint8Array): string {
    const text = this.#decoder.write(Buffer.from(data.buffer, data.byteOffset, data.byteLength));
    const first = this.#endsWithReturn && text.startsWith('\n') ? '\n' : '';
    if (text !== '') this.#endsWithReturn = text.endsWith('\r');
    return first + text.slice(first.length).replace(/(?<!\r)\n/gu, '\r\n');
  }
}
