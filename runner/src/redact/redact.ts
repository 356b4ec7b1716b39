/**
 * Keeps secrets out of what a run tells. As Concourse does with values of credential managers
 * (`atc/engine/build_step_delegate.go`), each line of a secret counts by itself.
 */
export const redacted = '((redacted))';

/** What is shorter would take more of the output away than it hides. */
const shortest = 4;

/** Words that outputs are full of: as the value of a param they are no secret. */
const common: ReadonlySet<string> = new Set(['true', 'false', 'null', 'none', 'undefined', 'enabled', 'disabled']);

/** The texts to look for, longest first: one secret may hold another. */
export function needlesOf(secrets: readonly string[]): string[] {
  const lines = secrets.flatMap((secret) => secret.split('\n')).map((line) => line.trim());
  const wanted = lines.filter((line) => Buffer.byteLength(line) >= shortest && !common.has(line.toLowerCase()));
  return [...new Set(wanted)].sort((a, b) => Buffer.byteLength(b) - Buffer.byteLength(a));
}

/** A text without the secrets. */
export function redactText(text: string, needles: readonly string[]): string {
  return needles.reduce((rest, needle) => rest.replaceAll(needle, redacted), text);
}

/**
 * Takes secrets out of a stream, also where a piece ends in the middle of one: what may be the beginning of one waits. What
 * comes out depends on the stream alone and not on its pieces, so its bytes can be counted.
 */
export class Redactor {
  readonly #needles: readonly Buffer[];
  #waiting: Buffer = Buffer.alloc(0);

  /** @param needles as `needlesOf` makes them */
  constructor(needles: readonly string[]) {
    this.#needles = needles.map((needle) => Buffer.from(needle));
  }

  /** What can be shown now. */
  add(piece: Uint8Array): Uint8Array {
    if (this.#needles.length === 0) return piece;
    const all = this.#waiting.length === 0 ? Buffer.from(piece) : Buffer.concat([this.#waiting, piece]);
    const held = this.#heldFrom(all);
    return this.#take(all, held);
  }

  /** What waited, when nothing comes after it. */
  end(): Uint8Array {
    return this.#take(this.#waiting, this.#waiting.length);
  }

  /** Replaces what begins before `held`; the rest waits. */
  #take(all: Buffer, held: number): Uint8Array {
    const parts: Uint8Array[] = [];
    let at = 0;
    for (;;) {
      const found = this.#next(all, at);
      if (!found || found.start >= held) break;
      parts.push(all.subarray(at, found.start), Buffer.from(redacted));
      at = found.end;
    }
    const end = Math.max(at, held);
    parts.push(all.subarray(at, end));
    this.#waiting = Buffer.from(all.subarray(end));
    return Buffer.concat(parts);
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

  /** The first place from which the data, to its end, is the beginning of a secret and not yet all of it. */
  #heldFrom(data: Buffer): number {
    let from = data.length;
    for (const needle of this.#needles) {
      const [first = 0] = needle;
      for (let at = Math.max(0, data.length - needle.length + 1); at < from; at++) {
        at = data.indexOf(first, at);
        if (at < 0 || at >= from) break;
        if (needle.subarray(0, data.length - at).equals(data.subarray(at))) from = at;
      }
    }
    return from;
  }
}
