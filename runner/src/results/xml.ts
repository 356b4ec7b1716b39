/** Streaming XML for reports: elements with attributes and text. No DTD is read and no entity but XML's own is resolved. */
import sax from 'sax';

export interface XmlHandler {
  open(name: string, attributes: Readonly<Record<string, string>>): void;
  text(text: string): void;
  close(name: string): void;
}

/** Reports are flat: what is deeper was made to fill the memory. */
const deepest = 200;

/** Feeds a handler. The first thing that is wrong ends the reading; what came before it counts. */
export class XmlReader {
  readonly #parser;
  #problem: string | undefined;
  #depth = 0;

  constructor(handler: XmlHandler) {
    const parser = sax.parser(true, { trim: false, normalize: false });
    parser.onopentag = ({ name, attributes }) => {
      if (++this.#depth > deepest) this.#problem ??= `The report is nested more than ${deepest} elements deep.`;
      if (this.#problem === undefined) handler.open(localName(name), attributes);
    };
    const onText = (text: string): void => {
      if (this.#problem === undefined) handler.text(text);
    };
    parser.ontext = onText;
    parser.oncdata = onText;
    parser.onclosetag = (name) => {
      this.#depth--;
      if (this.#problem === undefined) handler.close(localName(name));
    };
    parser.onerror = ({ message }) => {
      const [what = '', line = ''] = message.split('\n');
      this.#problem ??= `The report is not valid XML: ${what} (${line.toLowerCase().replace(':', '')}, counted from 0).`;
    };
    this.#parser = parser;
  }

  get problem(): string | undefined {
    return this.#problem;
  }

  write(text: string): void {
    if (this.#problem === undefined) this.#parser.write(text);
  }

  end(): void {
    if (this.#problem === undefined) this.#parser.close();
  }
}

/** Reports of some tools are in a namespace with a prefix. */
function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}

/** A number of an attribute: `12`, `1,234.5`; undefined for none. */
export function numberOf(text: string | undefined): number | undefined {
  if (text === undefined || text.trim() === '') return undefined;
  const number = Number(text.replaceAll(',', ''));
  return Number.isFinite(number) ? number : undefined;
}
