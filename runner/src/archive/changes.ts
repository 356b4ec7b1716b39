/**
 * What has to be sent of an archive when the store has an earlier one: which pieces of the earlier archive are copied, and
 * the bytes between them. The pod puts the new archive together, byte by byte what `packTree` makes; so whoever unpacks it
 * knows it by the digest that it would have had if it had been sent whole.
 */
import { comparePaths } from '../snapshot/digest.ts';
import type { Snapshot, SnapshotEntries, SnapshotEntry } from '../snapshot/types.ts';
import { ByteReader } from './byte-reader.ts';
import { BLOCK, headerSeconds, headerSize, padding } from './entry-header.ts';
import { packTree, tarSize } from './pack.ts';

/** One entry of an archive that was sent: enough to find its bytes there, and to tell whether they are the same. */
export type ArchivedEntry = readonly [
  path: string,
  kind: 'f' | 'x' | 'd' | 'l',
  /** Bytes of the header blocks. */
  header: number,
  size: number,
  /** Whole seconds, as the header has them. */
  mtime: number,
  /** Of the content, or of the link's target; empty for a directory. */
  sha256: string,
];

/** What an archive holds, in its order. Each call begins anew. */
export type ArchivedEntries = () => AsyncIterable<ArchivedEntry>;

/** A piece of the new archive: copied from the earlier one, or sent. */
export type Step =
  | { readonly kind: 'copy'; readonly from: number; readonly length: number }
  | { readonly kind: 'send'; readonly length: number };

/** How the new archive comes about. */
export interface Changes {
  readonly steps: readonly Step[];
  /** Exact number of bytes that `open` yields: the steps with the bytes that are sent. */
  readonly bytes: number;
  /** The form is said in `store/scripts/consume.sh`. */
  readonly open: (signal?: AbortSignal) => AsyncIterable<Uint8Array>;
}

/** An archive below this is sent whole. */
const smallest = 64 << 10;
/** More of the archive than this is not sent as changes: the whole costs little more then. */
const mostOfIt = 0.6;
/** Each step is a process in the pod. */
const mostSteps = 1000;
/** Where there would be more steps, pieces below this size are sent instead of copied. */
const shortCopy = 32 << 10;
/** The content of a file alone is copied from this size on: below, a process in the pod costs more than the bytes. */
const worthCopying = 4 << 10;

/** How the bytes of an entry are had. */
const SEND = 0;
const COPY = 1;
/** The header is sent, the content is copied: a file that was moved, touched, or made executable. */
const COPY_CONTENT = 2;

/** The row of an entry. */
export function archivedEntry(entry: SnapshotEntry): ArchivedEntry {
  const { path, size, sha256 = '' } = entry;
  return [path, kindOf(entry), headerSize(entry), size, headerSeconds(entry), sha256];
}

function kindOf({ type, mode }: SnapshotEntry): ArchivedEntry[1] {
  if (type !== 'file') return type === 'directory' ? 'd' : 'l';
  return (mode & 0o111) === 0 ? 'f' : 'x';
}

/**
 * What to send of a snapshot where the store has the archive with these entries. Undefined when sending the whole archive
 * is as good.
 */
export async function changesSince(
  archived: ArchivedEntries,
  snapshot: Pick<Snapshot, 'root' | 'entries'>,
): Promise<Changes | undefined> {
  const { entries } = snapshot;
  const whole = tarSize(snapshot);
  if (whole < smallest) return undefined;
  const plan = await compare(archived, entries);
  let steps = stepsOf(entries, plan);
  if (steps.length > mostSteps) {
    sendShortCopies(entries, plan);
    steps = stepsOf(entries, plan);
  }
  const bytes = steps.reduce(
    (sum, step) => sum + lineOf(step).length + (step.kind === 'send' ? step.length : 0),
    end.length,
  );
  if (steps.length > mostSteps || bytes > whole * mostOfIt) return undefined;
  return { steps, bytes, open: (signal) => stream(snapshot, plan.ways, steps, signal) };
}

/** For each entry of the new archive: how it is had, and where in the earlier archive the copy begins. */
interface EntryPlan {
  readonly ways: Uint8Array;
  readonly from: Float64Array;
}

async function compare(archived: ArchivedEntries, entries: SnapshotEntries): Promise<EntryPlan> {
  const plan = { ways: new Uint8Array(entries.length), from: new Float64Array(entries.length) };
  /** Files that were not found at their path, by their content. */
  const wanted = new Map<string, number[]>();
  const rows = archived()[Symbol.asyncIterator]();
  let offset = 0;
  let row = await rows.next();
  const pass = async ([, , header, size]: ArchivedEntry): Promise<void> => {
    offset += header + size + padding(size);
    row = await rows.next();
  };
  let index = -1;
  for (const entry of entries) {
    index++;
    while (row.done !== true && comparePaths(row.value[0], entry.path) < 0) await pass(row.value);
    const old = row.done !== true && row.value[0] === entry.path ? row.value : undefined;
    const [, kind, header, size, mtime, sha256] = archivedEntry(entry);
    const isSame = old !== undefined && old[3] === size && old[5] === sha256;
    if (isSame && old[1] === kind && old[2] === header && old[4] === mtime) {
      plan.ways[index] = COPY;
      plan.from[index] = offset;
    } else if (entry.type === 'file' && size >= worthCopying) {
      const same = wanted.get(sha256);
      if (same) same.push(index);
      else wanted.set(sha256, [index]);
    }
    if (old !== undefined) await pass(old);
  }
  await rows.return?.();
  if (wanted.size > 0) await findMoved(archived, wanted, plan, entries);
  return plan;
}

/** Looks for the content of new files under all paths of the earlier archive: they may have been moved. */
async function findMoved(
  archived: ArchivedEntries,
  wanted: ReadonlyMap<string, readonly number[]>,
  plan: EntryPlan,
  entries: SnapshotEntries,
): Promise<void> {
  let offset = 0;
  for await (const [, kind, header, size, , sha256] of archived()) {
    if (kind === 'f' || kind === 'x') {
      for (const index of wanted.get(sha256) ?? []) {
        if (entries.at(index)?.size !== size) continue;
        plan.ways[index] = COPY_CONTENT;
        plan.from[index] = offset + header;
      }
    }
    offset += header + size + padding(size);
  }
}

function stepsOf(entries: SnapshotEntries, { ways, from }: EntryPlan): Step[] {
  const steps: Step[] = [];
  const add = (step: Step): void => {
    const last = steps.at(-1);
    if (step.kind === 'send' && last?.kind === 'send') {
      steps[steps.length - 1] = { kind: 'send', length: last.length + step.length };
    } else if (step.kind === 'copy' && last?.kind === 'copy' && last.from + last.length === step.from) {
      steps[steps.length - 1] = { ...last, length: last.length + step.length };
    } else {
      steps.push(step);
    }
  };
  let index = -1;
  for (const entry of entries) {
    index++;
    const [header, content] = [headerSize(entry), entry.size + padding(entry.size)];
    const start = from[index] ?? 0;
    if (ways[index] === COPY) {
      add({ kind: 'copy', from: start, length: header + content });
    } else if (ways[index] === COPY_CONTENT) {
      add({ kind: 'send', length: header });
      add({ kind: 'copy', from: start, length: content });
    } else {
      add({ kind: 'send', length: header + content });
    }
  }
  add({ kind: 'send', length: 2 * BLOCK });
  return steps;
}

/** Makes runs of copied entries that are short in all be sent. */
function sendShortCopies(entries: SnapshotEntries, { ways, from }: EntryPlan): void {
  let [first, bytes, next] = [0, 0, Number.NaN];
  const close = (end: number): void => {
    if (bytes < shortCopy) ways.fill(SEND, first, end);
  };
  let index = -1;
  for (const entry of entries) {
    index++;
    const length = headerSize(entry) + entry.size + padding(entry.size);
    const start = from[index] ?? 0;
    if (ways[index] !== COPY || start !== next) {
      close(index);
      [first, bytes] = [index, 0];
    }
    // The content of one file is its own run.
    bytes += ways[index] === SEND ? shortCopy : length;
    next = ways[index] === COPY ? start + length : Number.NaN;
  }
  close(entries.length);
}

const end = 'e\n';

function lineOf(step: Step): string {
  return step.kind === 'copy' ? `c ${step.from} ${step.length}\n` : `s ${step.length}\n`;
}

async function* stream(
  { root, entries }: Pick<Snapshot, 'root' | 'entries'>,
  ways: Uint8Array,
  steps: readonly Step[],
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  const chosen = new ChosenEntries(entries, ways);
  const packed = packTree(
    { root, entries: chosen },
    { isHeaderOnly: (index) => ways[chosen.placeOf(index)] === COPY_CONTENT, ...(signal ? { signal } : {}) },
  );
  const reader = new ByteReader(packed);
  try {
    for (const step of steps) {
      yield Buffer.from(lineOf(step));
      for (let left = step.kind === 'send' ? step.length : 0; left > 0;) {
        const piece = await reader.some(left);
        if (piece === undefined) throw new RangeError(`the archive ended ${left} bytes early`);
        left -= piece.length;
        yield piece;
      }
    }
    yield Buffer.from(end);
  } finally {
    await reader.close();
  }
}

/** The entries that are not copied whole. */
class ChosenEntries implements SnapshotEntries {
  readonly #entries: SnapshotEntries;
  readonly #places: Uint32Array;

  constructor(entries: SnapshotEntries, ways: Uint8Array) {
    this.#entries = entries;
    this.#places = Uint32Array.from([...ways.keys()].filter((index) => ways[index] !== COPY));
  }

  get length(): number {
    return this.#places.length;
  }

  /** Where the chosen entry is among all. */
  placeOf(index: number): number {
    return this.#places[index] ?? -1;
  }

  at(index: number): SnapshotEntry | undefined {
    const place = this.#places[index];
    return place === undefined ? undefined : this.#entries.at(place);
  }

  *[Symbol.iterator](): IterableIterator<SnapshotEntry> {
    for (let index = 0; index < this.length; index++) yield this.at(index) as SnapshotEntry;
  }

  map<T>(make: (entry: SnapshotEntry, index: number) => T): T[] {
    return Array.from(this, make);
  }
}
