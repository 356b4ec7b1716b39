/** Looks at the local inputs of a run: what would be sent, and its digest. */
import { join, posix, resolve } from 'node:path';
import type { Plan, PlannedInput } from '../../model/plan.ts';
import { takeSnapshot } from '../../snapshot/snapshot.ts';
import { StatCache } from '../../snapshot/stat-cache.ts';
import type { Snapshot, SnapshotEntry } from '../../snapshot/types.ts';
import { IGNORE_FILE } from '../../snapshot/walk.ts';
import { spanNames } from '../../model/events.ts';
import type { RunEmitter, Span } from '../emitter.ts';
import { readRecord } from '../../records/record.ts';

/** An input with what is known of its content. */
export interface ResolvedInput {
  readonly input: PlannedInput;
  /** Absent for an output of an earlier run: that is in the store already. */
  readonly snapshot?: Snapshot;
  /** SHA-256 of the archive of an earlier run's output, where this machine has seen it being saved. */
  readonly savedAs?: string;
}

/** Names that one warning lists. */
const shownNames = 5;

/** Where it is remembered what files held. */
export function cacheDirOf(stateDir: string): string {
  return join(stateDir, 'snapshots');
}

/** Makes the next `resolveInputs` read every file: one was found to differ from what its status said. */
export async function forgetInputs(plan: Plan, stateDir: string): Promise<void> {
  for (const { source } of plan.inputs) {
    if (source.kind === 'directory') await StatCache.forget(cacheDirOf(stateDir), resolve(source.directory));
  }
}

/**
 * Takes the snapshots of all local inputs, side by side. Two inputs from one directory are read once. Rejects with the
 * first error, which names the file.
 */
export async function resolveInputs(
  plan: Plan,
  stateDir: string,
  emitter: RunEmitter,
  parent: Span,
  signal: AbortSignal,
): Promise<ResolvedInput[]> {
  if (plan.inputs.length === 0) return [];
  return emitter.within(spanNames.snapshot, parent, async (span) => {
    const byDirectory = new Map<string, Promise<Snapshot>>();
    const snapshotOf = (name: string, directory: string): Promise<Snapshot> => {
      const known = byDirectory.get(directory);
      if (known) return known;
      const taken = takeSnapshot(directory, {
        includeIgnored: plan.includeIgnored,
        includeGit: plan.includeGit,
        cacheDir: cacheDirOf(stateDir),
        signal,
        onProgress: (progress) => void emitter.emit({ type: 'snapshot-progress', input: name, ...progress }),
      });
      byDirectory.set(directory, taken);
      return taken;
    };
    const resolved = await Promise.all(
      plan.inputs.map(async (input): Promise<ResolvedInput> => {
        if (input.source.kind === 'output') {
          const { run, output } = input.source;
          const saved = (await readRecord(stateDir, run))?.saved?.find(({ name }) => name === output);
          return { input, ...(saved?.sha256 === undefined ? {} : { savedAs: saved.sha256 }) };
        }
        return { input, snapshot: await snapshotOf(input.name, input.source.directory) };
      }),
    );
    const snapshots = new Set(resolved.flatMap(({ snapshot }) => snapshot ?? []));
    for (const snapshot of snapshots) {
      for (const note of snapshot.notes) emitter.note(`${note.path}: ${note.message}`);
      const unnamed = namesLeftOut(snapshot);
      if (unnamed !== undefined) void emitter.emit({ type: 'warning', message: unnamed });
    }
    const leftOut = scriptLeftOut(plan, resolved);
    if (leftOut !== undefined) void emitter.emit({ type: 'warning', message: leftOut });
    const sum = (pick: (snapshot: Snapshot) => number): number =>
      [...snapshots].reduce((total, each) => total + pick(each), 0);
    span.end('ok', {
      files: sum((each) => each.files),
      bytes: sum((each) => each.bytes),
      hashed: sum((each) => each.hashed),
    });
    return resolved;
  });
}

/** One word on all names that are no valid UTF-8: they are not sent. Undefined when there are none. */
function namesLeftOut({ root, notes }: Snapshot): string | undefined {
  const names = notes.filter(({ reason }) => reason === 'bad-name').map(({ path }) => path);
  if (names.length === 0) return undefined;
  const shown = names.slice(0, shownNames).join(', ');
  const more = names.length > shownNames ? ` and ${names.length - shownNames} more` : '';
  return (
    `Not sent from ${root}, because a name or a link's target is not valid UTF-8: ${shown}${more}. ` +
    `Rename what the task needs; list the rest, or its folder, in ${IGNORE_FILE}.`
  );
}

/**
 * A word on a script of the command that is in its input's folder but is not sent: the container will say that it does not
 * exist, though everybody can see it. Undefined when there is nothing to say.
 */
function scriptLeftOut({ command }: Plan, resolved: readonly ResolvedInput[]): string | undefined {
  if (!command.path.includes('/')) return undefined;
  const script = posix.resolve(command.dir, command.path);
  const inside = resolved.filter(({ input }) => script.startsWith(`${input.path}/`));
  const [nearest] = inside.sort((a, b) => b.input.path.length - a.input.path.length);
  if (!nearest?.snapshot) return undefined;
  const path = script.slice(nearest.input.path.length + 1);
  const parts = path.split('/');
  const above = parts.map((_, index) => parts.slice(0, index + 1).join('/'));
  const sent = new Map<string, SnapshotEntry['type']>();
  for (const entry of nearest.snapshot.entries) if (above.includes(entry.path)) sent.set(entry.path, entry.type);
  // What lies behind a link is found in the container, or not: that is not about what is sent.
  if (sent.has(path) || above.some((folder) => sent.get(folder) === 'symlink')) return undefined;
  return (
    `run.path: ${path} of input '${nearest.input.name}' is not sent, because it is ignored: the task will not find it. ` +
    `Send what git ignores too (--include-ignored), or ask for it with the line '!/${path}' in ${IGNORE_FILE}.`
  );
}
