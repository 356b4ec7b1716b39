/**
 * What the flow has found in a job, kept for the next versions of the file: it holds while the text of the job, the
 * resources of the pipeline and the answers about files stay as they were.
 */
import type { TaskNode } from '../../yaml/nodes.ts';
import { originalOf } from '../../yaml/items.ts';
import { Findings } from './findings.ts';
import type { PipelineFacts } from './pipeline-facts.ts';
import type { Located } from './place.ts';
import type { TaskTypes } from './unused.ts';
import type { FileAnswer } from './world.ts';

/** The flow of one job. */
export interface JobFlow {
  readonly findings: Findings;
  readonly types: TaskTypes;
  /** How far the job has moved since then. */
  readonly by: number;
}

interface KnownFlow extends Omit<JobFlow, 'by'> {
  /** Where the job began. */
  readonly start: number;
  readonly digest: string;
  readonly asked: readonly FileAnswer[];
}

const known = new WeakMap<TaskNode, KnownFlow>();

/**
 * The flow of a job: as it was found before where it still holds, else as it is found now.
 *
 * @param walk adds what is wrong to the findings
 */
export function knownFlow(job: Located, facts: PipelineFacts, walk: (findings: Findings) => TaskTypes): JobFlow {
  const { digest, local } = facts;
  const { start, end } = job.node.range;
  const original = originalOf(job.node);
  const before = known.get(original);
  if (before?.digest === digest && before.asked.every((question) => local.agrees(question))) {
    return { findings: before.findings, types: before.types, by: start - before.start };
  }
  const findings = new Findings();
  const { result: types, asked } = local.watch(() => walk(findings));
  // What an alias brings in may be told at another place, which moves in its own way.
  if (job.place === undefined && findings.areWithin({ start, end })) {
    known.set(original, { findings, types, start, digest, asked });
  }
  return { findings, types, by: 0 };
}
