/** Streaming XML for reports: elements with attributes and text. No DTD is read and no entity but XML's own is resolved. */
import sax from 'sax';

export interface XmlHandler {
  open(name: string, attributes: Readonly<Record<string, string>>): void;
  text(text: string): void;
  close(name: string): void;
}

/** Feeds a handler. The first thing that is wrong ends the reading; what came before it counts. */
export class XmlReader {
  readonly #parser;
  #problem: string | undefined;

  constructor(handler: XmlHandler) {
    const parser = sax.parser(true, { trim: false, normalize: false });
    parser.onopentag = ({ name, attributes }) => handler.open(localName(name), attributes);
    parser.ontext = (text) => handler.text(text);
    parser.oncdata = (text) => handler.text(text);
    parser.onclosetag = (name) => handler.close(localName(name));
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
