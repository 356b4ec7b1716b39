/** Offsets of a text that stands in a file under indentation, folds and escapes. */
import type { TextRange } from '../text/problem.ts';

/** A part of the text that stands in one piece in the file. Where the two lengths differ it is one escape. */
export interface Piece {
  readonly script: number;
  readonly scriptLength: number;
  readonly file: number;
  readonly fileLength: number;
}

/** Both ways between a text and the place in the file where it is written. */
export class TextMap {
  readonly #pieces: readonly Piece[];
  readonly #range: TextRange;
  readonly #length: number;

  /**
   * @param pieces in the order of the text, not overlapping
   * @param range the whole scalar in the file
   * @param length of the text
   */
  constructor(pieces: readonly Piece[], range: TextRange, length: number) {
    this.#pieces = pieces;
    this.#range = range;
    this.#length = length;
  }

  /** The place in the file of an offset of the text; between two lines it is the end of the upper one. */
  toFileOffset(offset: number): number {
    const piece = this.#last((candidate) => candidate.script <= offset);
    if (!piece) return this.#pieces[0]?.file ?? this.#range.end;
    const within = offset - piece.script;
    if (within >= piece.scriptLength) return piece.file + piece.fileLength;
    return piece.scriptLength === piece.fileLength ? piece.file + within : piece.file;
  }

  /** The place in the file of a part of the text: its end is the end of its last character. */
  toFileRange({ start, end }: TextRange): TextRange {
    const from = this.toFileOffset(start);
    if (end <= start) return { start: from, end: from };
    const last = this.#last((candidate) => candidate.script < end);
    if (!last) return { start: from, end: from };
    const within = end - last.script;
    const whole = within >= last.scriptLength || last.scriptLength !== last.fileLength;
    return { start: from, end: Math.max(from, last.file + (whole ? last.fileLength : within)) };
  }

  /** The offset of the text at a place in the file, from indentation the next character; undefined outside of the scalar. */
  toScriptOffset(offset: number): number | undefined {
    if (offset < this.#range.start || offset > this.#range.end) return undefined;
    const index = this.#lastIndex((candidate) => candidate.file <= offset);
    const piece = this.#pieces[index];
    if (!piece) return 0;
    const within = offset - piece.file;
    if (within > piece.fileLength) return this.#pieces[index + 1]?.script ?? this.#length;
    if (within === piece.fileLength) return piece.script + piece.scriptLength;
    return piece.scriptLength === piece.fileLength ? piece.script + within : piece.script;
  }

  #last(holds: (piece: Piece) => boolean): Piece | undefined {
    return this.#pieces[this.#lastIndex(holds)];
  }

  /** Binary search: the condition holds for the first pieces and not for the rest; -1 when it holds for none. */
  #lastIndex(holds: (piece: Piece) => boolean): number {
    let low = -1;
    let high = this.#pieces.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      const piece = this.#pieces[middle];
      if (piece && holds(piece)) low = middle;
      else high = middle;
    }
    return low;
  }
}
