/** A name of a task with all its places. */
import type { TextRange } from '#concourse';

/** What a name stands for. `artifact`: the name of an input or output that has a path of its own. */
export type SymbolKind = 'directory' | 'artifact' | 'param' | 'anchor' | 'var';

/** One place where a name stands. */
export interface Occurrence {
  /** The word itself, without quotes, `$`, `&` or `*`. */
  readonly range: TextRange;
  readonly role: 'declaration' | 'read' | 'write';
  /** False where the word may be something else, e.g. an argument `build` of an unknown program. */
  readonly certain: boolean;
}

/** Places in another file. */
export interface FileOccurrences {
  /** Absolute. */
  readonly path: string;
  readonly text: string;
  /** In the order of the text. */
  readonly occurrences: readonly Occurrence[];
}

/** A name with all its places. */
export interface TaskSymbol {
  readonly kind: SymbolKind;
  /** As it is spelled at its places. */
  readonly name: string;
  /** For messages: `input`, `output`, `cache`, `param`, `anchor`, `variable`. */
  readonly title: string;
  /** In this file, in the order of the text, each range once. */
  readonly occurrences: readonly Occurrence[];
  /** In the script file that the task runs. */
  readonly elsewhere: readonly FileOccurrences[];
  /** The whole declaration that a declaring range belongs to, e.g. the list item of an input; by the range's start. */
  readonly declarations: ReadonlyMap<number, TextRange>;
  /** For an artifact with a path of its own: the directory that carries its uses. */
  readonly directory?: TaskSymbol;
}

/** Places in the order of the text, each range once; a declaration wins over a use, a sure place over an unsure one. */
export function inTextOrder(occurrences: readonly Occurrence[]): Occurrence[] {
  const rank = (one: Occurrence): number => (one.role === 'declaration' ? 2 : 0) + (one.certain ? 1 : 0);
  const unique = new Map<string, Occurrence>();
  for (const occurrence of occurrences) {
    const id = `${occurrence.range.start} ${occurrence.range.end}`;
    const before = unique.get(id);
    if (!before || rank(occurrence) > rank(before)) unique.set(id, occurrence);
  }
  return [...unique.values()].sort((a, b) => a.range.start - b.range.start || a.range.end - b.range.end);
}
