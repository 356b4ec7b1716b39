/** A longer line is no line of a report: it is dropped, so that a text without line ends does not fill the memory. */
const longestLine = 4 * 1024 * 1024;

/** Whole lines of a text that comes in pieces. */
export class LineReader {
  readonly #onLine: (line: string) => void;
  #pieces: string[] = [];
  #length = 0;

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  write(text: string): void {
    let start = 0;
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', start)) {
      this.#add(text.slice(start, at));
      this.#emit();
      start = at + 1;
    }
    this.#add(text.slice(start));
  }

  end(): void {
    if (this.#length > 0) this.#emit();
  }

  #add(piece: string): void {
    this.#length += piece.length;
    if (this.#length > longestLine) this.#pieces = [];
    else this.#pieces.push(piece);
  }

  #emit(): void {
    const isWhole = this.#length <= longestLine;
    const line = this.#pieces.join('');
    this.#pieces = [];
    this.#length = 0;
    if (isWhole) this.#onLine(line.endsWith('\r') ? line.slice(0, -1) : line);
  }
}
