/**
 * Where the reports of a run are read: an output that was downloaded from its folder, one that only the store has from there,
 * the log from this machine.
 */
import { createReadStream } from 'node:fs';
import { lstat, opendir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ReportSource } from '#runner';
import type { ArtifactAccess, LocatedArtifact } from '../artifacts/artifact-access.ts';
import type { ArtifactPlace } from '../artifacts/artifact-places.ts';
import type { Runner } from '../cluster/runner-host.ts';
import { startMs, type RunModel, type RunOutput } from '../runs/run-model.ts';

/** What can look into the store. */
export interface StoredArtifacts {
  readonly access: Pick<ArtifactAccess, 'tree' | 'stream'>;
  placeOf(run: RunModel): ArtifactPlace;
}

/** How far a run is looked into: looking into the store starts a small pod there, unless the task's own is still alive. */
export type Reach = 'likely' | 'all';

/** Names of outputs, and of tasks, that promise a report. */
const promising = /test|spec|report|result|cover|junit|lint|check|unit|verify|quality/iu;
/** A folder with more files is looked at up to here. */
const maxFiles = 20_000;
const maxDepth = 20;
/** Clocks of file systems are coarse. */
const toleranceMs = 2000;

/** Where an output of a run can be read; undefined when it cannot. */
export function placeOfOutput(run: RunModel, output: RunOutput): 'local' | 'store' | undefined {
  if (output.downloaded === true && output.target !== undefined) return 'local';
  return output.kept === true && run.claim !== undefined ? 'store' : undefined;
}

/** @param stored undefined where nothing can look into the store */
export function resultSource(
  run: RunModel,
  runner: Pick<Runner, 'replayLogs'>,
  stateDir: string,
  stored: StoredArtifacts | undefined,
  reach: Reach,
): ReportSource {
  const find = (name: string): RunOutput | undefined => run.outputs.find((output) => output.name === name);
  const located = (name: string): LocatedArtifact | undefined =>
    stored && { place: stored.placeOf(run), artifact: { kind: 'output', run: run.run, name }, path: '' };
  const isWanted = (output: RunOutput): boolean => {
    const place = placeOfOutput(run, output);
    if (place !== 'store') return place === 'local';
    return stored !== undefined && (reach === 'all' || promising.test(output.name) || promising.test(run.task));
  };
  return {
    outputs: run.outputs.filter(isWanted).map(({ name }) => name),
    async members(name) {
      const output = find(name);
      if (output && placeOfOutput(run, output) === 'local') return localFiles(output.target ?? '', startMs(run) ?? 0);
      const artifact = located(name);
      if (!stored || !artifact) return [];
      const tree = await stored.access.tree(artifact);
      return tree.filesBelow('').map((path) => ({ path, type: 'file' as const, size: tree.entry(path)?.size ?? 0 }));
    },
    async readFile(name, path, sink) {
      const output = find(name);
      if (output && placeOfOutput(run, output) === 'local') {
        for await (const chunk of createReadStream(join(output.target ?? '', path))) {
          if (!sink(chunk as Uint8Array)) return;
        }
        return;
      }
      const artifact = located(name);
      if (stored && artifact) await stored.access.stream(artifact, path, (chunk) => void sink(chunk));
    },
    async readLog(sink) {
      for await (const { stream, data } of runner.replayLogs(stateDir, run.run)) {
        if (stream === 'stderr' || !sink(data)) return;
      }
    },
  };
}

/**
 * Files below a folder that came there with the run: a download may go into a folder that has others. A link is not followed:
 * it may lead anywhere.
 * @param since milliseconds since the epoch
 */
async function localFiles(
  folder: string,
  since: number,
): Promise<{ readonly path: string; readonly type: 'file'; readonly size: number }[]> {
  const found: { path: string; type: 'file'; size: number }[] = [];
  let seen = 0;
  const visit = async (below: string, depth: number): Promise<void> => {
    if (depth > maxDepth) return;
    for await (const entry of await opendir(join(folder, below))) {
      if (++seen > maxFiles) return;
      const path = below === '' ? entry.name : `${below}/${entry.name}`;
      if (entry.isDirectory() && entry.name !== '.git' && entry.name !== 'node_modules') await visit(path, depth + 1);
      if (!entry.isFile()) continue;
      // The time of the change of the file itself cannot be set: it is when the download put it there.
      const { ctimeMs, size } = await lstat(join(folder, path));
      if (ctimeMs >= since - toleranceMs) found.push({ path, type: 'file', size });
    }
  };
  await visit('', 0);
  return found.sort((a, b) => (a.path < b.path ? -1 : 1));
}
