/** Cuts the logs of sidecars into lines, so that several can be shown below each other. */

import { StringDecoder } from 'node:string_decoder';

/** A line longer than this is shown in pieces, so that a log without line feeds cannot fill the memory. */
const maxLine = 16 * 1024;

/** One buffer per sidecar. */
export class SidecarLines {
  readonly #open = new Map<string, { readonly decoder: StringDecoder; text: string }>();

  /** The lines that `data` completes. */
  add(sidecar: string, data: Uint8Array): string[] {
    const open = this.#open.get(sidecar) ?? { decoder: new StringDecoder('utf8'), text: '' };
    this.#open.set(sidecar, open);
    const lines = (open.text + open.decoder.write(Buffer.from(data))).split('\n');
    open.text = lines.pop() ?? '';
    if (open.text.length > maxLine) {
      lines.push(open.text);
      open.text = '';
    }
    return lines;
  }

  /** What each sidecar printed after its last line feed. */
  rest(): [sidecar: string, line: string][] {
    const rest = [...this.#open].map(([name, open]): [string, string] => [name, open.text]);
    this.#open.clear();
    return rest.filter(([, text]) => text !== '');
  }
}
