/** `tarmac artifacts` and `tarmac download`. */
import { resolve } from 'node:path';
import { type ArtifactSummary, count, formatBytes, formatTable, printable } from '#runner/model';
import {
  claimOf,
  interruptible,
  printJson,
  printLines,
  withRunner,
  type ClusterFlags,
  type CommandContext,
  type PodFlags,
} from '../context.ts';
import { resolveOutput, resolveRun } from '../run-name.ts';
import { UsageError } from '../usage.ts';

/** Lists the artifacts of one run, or of all: a table, or with `--json` an array of `ArtifactSummary`. */
export async function artifacts(
  name: string | undefined,
  flags: ClusterFlags & PodFlags & { readonly claim?: string; readonly json?: boolean },
  context: CommandContext,
): Promise<number> {
  const { io } = context;
  return interruptible(io, async (signal) => {
    let others = 0;
    const list = await withRunner(
      context,
      flags,
      async (runner, runnerContext) => {
        const run = name === undefined ? undefined : await resolveRun(name, runner, runnerContext);
        const claim = claimOf(io, flags);
        const onOthers = (found: number): void => void (others = found);
        return runner.listArtifacts(run, runnerContext, { onOthers, ...(claim ? { claim } : {}) });
      },
      { signal },
    );
    if (others > 0) {
      await io.stderr.write(`note: the store holds ${count(others, 'thing')} that Tarmac did not make; left out\n`);
    }
    if (flags.json) await printJson(io, list);
    else if (list.length === 0) await printLines(io, ['no artifacts']);
    else await printLines(io, artifactTable(list));
    return 0;
  });
}

function artifactTable(list: readonly ArtifactSummary[]): string[] {
  const rows = list.map((artifact) => [
    artifact.run ?? '',
    artifact.kind,
    artifact.name,
    formatBytes(artifact.bytes),
    artifact.files === undefined ? '' : String(artifact.files),
    artifact.pinned ? `${artifact.place} (kept)` : artifact.place,
    artifact.digest.slice(0, 12),
  ]);
  return formatTable(
    [['run', 'kind', 'name', 'size', 'files', 'place', 'digest'], ...rows.map((row) => row.map(printable))],
    { right: [3, 4] },
  );
}

/** Downloads one output: `RUN/OUTPUT` into a folder, which is made if it is missing. */
export async function download(
  source: string,
  target: string,
  flags: ClusterFlags & PodFlags & { readonly includeGit?: boolean },
  context: CommandContext,
): Promise<number> {
  const { io } = context;
  if (!/^[^/]+\/.+$/su.test(source)) {
    throw new UsageError(`'${source}' does not name an output (must be RUN/OUTPUT)\nlist them with: tarmac artifacts`);
  }
  return interruptible(io, async (signal) => {
    let output = '';
    const result = await withRunner(
      context,
      flags,
      async (runner, runnerContext) => {
        const found = await resolveOutput(source, runner, runnerContext);
        const { run } = found;
        output = found.output;
        return runner.downloadArtifact(run, output, resolve(io.cwd, target), runnerContext, { signal });
      },
      { signal, includeGit: flags.includeGit ?? false },
    );
    for (const note of result.notes) await io.stderr.write(`warning: output '${output}': ${printable(note)}\n`);
    await printLines(io, [
      `downloading ${output} done: ${count(result.files, 'file')}, ${formatBytes(result.bytes)} to ${printable(target)}`,
    ]);
    return 0;
  });
}
