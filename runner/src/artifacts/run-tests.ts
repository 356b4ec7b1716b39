/** The test results of a run, from what the cluster keeps of it. */
import type { RunnerContext } from '../model/run.ts';
import { findRecord } from '../records/find-record.ts';
import { findRunPod } from '../records/list.ts';
import { findReports, type FoundReport } from '../results/of-run.ts';
import { ArtifactReader } from './artifact-reader.ts';

/** Reads the reports in the outputs of a run, else in its log. Rejects as `listArtifacts` does. */
export async function testsOfRun(run: string, context: RunnerContext): Promise<FoundReport[]> {
  const record = await findRecord(run, context, await findRunPod(run, context));
  const { claim, outputs = [] } = record ?? {};
  await using reader = new ArtifactReader(context, claim === undefined ? {} : { claim });
  const { signal } = context;
  const options = signal ? { signal } : {};
  const found = await findReports(
    {
      outputs: outputs.map(({ name }) => name),
      members: (name) => reader.members({ kind: 'output', run, name }, options),
      readFile: (name, path, sink) =>
        reader.readFile({ kind: 'output', run, name }, path, (chunk) => void sink(chunk), options),
      readLog:
        claim === undefined ? undefined : (sink) => reader.readLog(run, 'stdout', (chunk) => void sink(chunk), options),
    },
    signal,
  );
  return [...found];
}
