/** Code lenses of a pipeline: run a job, one of its tasks as the job runs it, or the job from a step on. */
import type { CodeLens, Command } from 'vscode-languageserver';
import { pipelineTemplate, type TextRange } from '#concourse';
import type { CodeLensOptions } from '../code-lenses.ts';
import { lspRange } from '../facts/feature.ts';
import { everyStep, jobsOf, textNode, type WrittenJob, type WrittenStep } from './model.ts';
import type { PipelineRequest } from './request.ts';

/** Which step of a job a command is about: the steps with this kind and name, in the order in which they would run. */
export interface StepPlace {
  /** `task:test`. */
  readonly leaf: string;
  /** 0-based. */
  readonly index: number;
}

/**
 * The lenses above each job and above each task step. A job with mistakes has them too: running it names the mistakes. What
 * only a template engine can read has none.
 */
export function jobLenses(request: PipelineRequest, options: CodeLensOptions = {}): CodeLens[] {
  const { source, uri } = request;
  if (options.enabled === false || !uri.startsWith('file:') || pipelineTemplate(source)) return [];
  const at = ({ start }: TextRange, commands: readonly Command[]): CodeLens[] =>
    commands.map((command) => ({ range: lspRange(source, { start, end: start }), command }));
  return jobsOf(source).flatMap((job) => {
    const { node, name } = job;
    // A job behind an alias has its text elsewhere: one place has the lenses once.
    if (name === undefined || node.written) return [];
    const steps = stepPlaces(job).filter(({ step }) => step.kind === 'task' && !step.node.written);
    return [
      ...at(node.range, jobCommands(uri, name.text)),
      ...steps.flatMap(({ step, place, isInHook }) =>
        at(step.node.range, stepCommands(uri, name.text, place, isInHook)),
      ),
    ];
  });
}

function jobCommands(uri: string, job: string): Command[] {
  return [
    {
      title: '$(play) Execute Job',
      tooltip: `Run the job ${job} on Kubernetes: its steps in Concourse's order. Puts are held back`,
      command: 'tarmac.executeJob',
      arguments: [uri, job],
    },
    {
      title: 'Execute Job With…',
      tooltip: 'Choose steps, folders, versions, variables, puts and cluster, then run this job on Kubernetes',
      command: 'tarmac.executeJobWith',
      arguments: [uri, job],
    },
  ];
}

function stepCommands(uri: string, job: string, place: StepPlace, isInHook: boolean): Command[] {
  const step: Command = {
    title: '$(play) Execute Step',
    tooltip: `Run only this step of the job ${job}, with its vars, params, image and mappings`,
    command: 'tarmac.executeStep',
    arguments: [uri, job, place],
  };
  const from: Command = {
    title: 'From Here',
    tooltip: `Run the job ${job} from this step on, with what earlier steps left in its last run`,
    command: 'tarmac.executeFromStep',
    arguments: [uri, job, place],
  };
  // A hook runs when its step has ended: a job does not begin with it.
  return isInHook ? [step] : [step, from];
}

interface PlacedStep {
  readonly step: WrittenStep;
  readonly place: StepPlace;
  readonly isInHook: boolean;
}

/** The steps of a job with a name, in the order of its plan. */
function stepPlaces({ steps }: WrittenJob): PlacedStep[] {
  const counts = new Map<string, number>();
  const inHooks = new Set<WrittenStep>();
  for (const step of everyStep(steps)) {
    if (step.hook === undefined) continue;
    for (const inner of everyStep([step])) inHooks.add(inner);
  }
  return [...everyStep(steps)].flatMap((step): PlacedStep[] => {
    const name = textNode(step.core?.value)?.text;
    if (step.kind === undefined || name === undefined) return [];
    const leaf = `${step.kind}:${name}`;
    const index = counts.get(leaf) ?? 0;
    counts.set(leaf, index + 1);
    return [{ step, place: { leaf, index }, isInHook: inHooks.has(step) }];
  });
}
