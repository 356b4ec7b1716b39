/** A place in a text that moves forwards. */
export class Cursor {
  protected readonly text: string;
  protected at = 0;

  constructor(text: string) {
    this.text = text;
  }

  /** What a sticky pattern matches here. */
  protected matchAt(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    return pattern.exec(this.text)?.[0];
  }

  /** Length of the line break at an offset; 0 when there is none. */
  protected lineBreakLength(at: number): number {
    if (this.text[at] === '\n') return 1;
    return this.text.startsWith('\r\n', at) ? 2 : 0;
  }

  /** Moves over blanks and continued lines. */
  protected skipBlanks(): void {
    for (;;) {
      const character = this.text[this.at];
      if (character === ' ' || character === '\t' || character === '\r') {
        this.at++;
      } else if (character === '\\' && this.lineBreakLength(this.at + 1) > 0) {
        this.at += 1 + this.lineBreakLength(this.at + 1);
      } else {
        return;
      }
    }
  }

  /** Moves to the end of the line. */
  protected skipLine(): void {
    const end = this.text.indexOf('\n', this.at);
    this.at = end < 0 ? this.text.length : end;
  }
}
