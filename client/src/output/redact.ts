/**
 * Keeps secrets out of what a run prints. As Concourse does with values of credential managers
 * (`atc/engine/build_step_delegate.go`): each line of a secret counts by itself, single characters do not.
 */
const redacted = '((redacted))';
const shortest = 2;

/** The texts to look for, longest first: one secret may hold another. */
export function needlesOf(secrets: readonly string[]): string[] {
  const lines = secrets.flatMap((secret) => secret.split('\n')).map((line) => line.trim());
  return [...new Set(lines.filter((line) => line.length >= shortest))].sort((a, b) => b.length - a.length);
}

/** A text without the secrets. */
export function redactText(text: string, needles: readonly string[]): string {
  return needles.reduce((rest, needle) => rest.replaceAll(needle, redacted), text);
}

/** What can be shown, and how many bytes of the stream that is. */
export interface Redacted {
  readonly data: Uint8Array;
  readonly consumed: number;
}

/** Takes secrets out of a stream, also where a piece ends in the middle of one: what may be the beginning of one waits. */
export class Redactor {
  readonly #needles: readonly Buffer[];
  #waiting: Buffer = Buffer.alloc(0);

  constructor(needles: readonly string[]) {
    this.#needles = needles.map((needle) => Buffer.from(needle));
  }

  add(piece: Uint8Array): Redacted {
    if (this.#needles.length === 0) return { data: piece, consumed: piece.length };
    const all = Buffer.concat([this.#waiting, piece]);
    const parts: Uint8Array[] = [];
    let at = 0;
    for (;;) {
      const found = this.#next(all, at);
      if (!found) break;
      parts.push(all.subarray(at, found.start), Buffer.from(redacted));
      at = found.end;
    }
    const end = all.length - this.#held(all.subarray(at));
    parts.push(all.subarray(at, end));
    this.#waiting = all.subarray(end);
    return { data: Buffer.concat(parts), consumed: end };
  }

  /** What waited, when nothing comes after it. */
  end(): Redacted {
    const data = this.#waiting;
    this.#waiting = Buffer.alloc(0);
    return { data, consumed: data.length };
  }

  /** The first secret from `from` on; of several that begin there, the longest. */
  #next(data: Buffer, from: number): { readonly start: number; readonly end: number } | undefined {
    let best: { start: number; end: number } | undefined;
    for (const needle of this.#needles) {
      const start = data.indexOf(needle, from);
      if (start >= 0 && (!best || start < best.start)) best = { start, end: start + needle.length };
    }
    return best;
  }

  /** Length of the longest end of the data that a secret begins with. */
  #held(data: Buffer): number {
    let held = 0;
    for (const needle of this.#needles) {
      for (let length = Math.min(needle.length - 1, data.length); length > held; length--) {
        if (data.subarray(data.length - length).equals(needle.subarray(0, length))) held = length;
      }
    }
    return held;
  }
}
