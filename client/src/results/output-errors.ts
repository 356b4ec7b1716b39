/** Collects the errors that the output of one run names, as it comes. Pure: whether the files are there is for others. */
import type { ToolError } from '#runner';
import type { Runner } from '../cluster/runner-host.ts';
import { PlainText } from '../output/plain-text.ts';

/** More of them help nobody. */
const maxErrors = 500;
/** Longer lines are data. */
const maxLine = 2000;
/** What a stream prints beyond this is not read: it is data, and reading it takes time. */
const maxBytes = 32 * 1024 * 1024;

interface Stream {
  readonly text: PlainText;
  readonly reader: InstanceType<Runner['ToolErrorReader']>;
  rest: string;
  bytes: number;
}

/** See the file's comment. */
export class OutputErrors {
  readonly #runner: Pick<Runner, 'ToolErrorReader'>;
  readonly #streams = new Map<string, Stream>();
  readonly #found = new Map<string, ToolError>();

  constructor(runner: Pick<Runner, 'ToolErrorReader'>) {
    this.#runner = runner;
  }

  /** Each once, in the order of the output. */
  get found(): readonly ToolError[] {
    return [...this.#found.values()];
  }

  /** How many there are. */
  get size(): number {
    return this.#found.size;
  }

  add(name: 'stdout' | 'stderr', data: Uint8Array): void {
    const stream = this.#streams.get(name) ?? this.#open();
    this.#streams.set(name, stream);
    stream.bytes += data.length;
    if (stream.bytes > maxBytes || this.#found.size >= maxErrors) return;
    const lines = (stream.rest + stream.text.add(data)).split('\n');
    // The rest of a line that is too long is not read.
    stream.rest = (lines.pop() ?? '').slice(0, maxLine + 1);
    for (const line of lines) stream.reader.line(line);
  }

  /** There is no more output. */
  end(): void {
    for (const stream of this.#streams.values()) {
      if (stream.rest !== '') stream.reader.line(stream.rest);
      stream.rest = '';
    }
  }

  #open(): Stream {
    const reader = new this.#runner.ToolErrorReader((error) => {
      if (this.#found.size < maxErrors) this.#found.set(JSON.stringify(error), error);
    });
    return { text: new PlainText(), reader, rest: '', bytes: 0 };
  }
}
