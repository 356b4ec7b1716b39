/** From a pipeline's text and a person's choices to a job that can run: everything that is known before the first pod. */
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { decodeTask, type TaskConfig, type Vars } from '#concourse';
import { parseEarlierOutput } from '../../model/earlier-output.ts';
import { checkoutAround } from '../../plan/checkout.ts';
import { getsOf } from './checkout.ts';
import { ResourceTypes } from '../../resource/types.ts';
import type { JobArtifact } from '../cluster/artifact.ts';
import type { JobAsked } from '../record/job-record.ts';
import { imageGets, imageOfGet } from './images.ts';
import { earlierSteps, type EarlierSteps } from '../record/earlier-steps.ts';
import type { FindVar } from '../values/interpolate.ts';
import type { Value } from '../values/values.ts';
import { missingVars, varsWithoutValue } from './missing-vars.ts';
import { missingArtifacts, type JobFacts } from './needs.ts';
import { planJob, type JobChoices, versionProblems } from './plan-job.ts';
import { planTree } from './plan-tree.ts';
import { questionsOf, type JobQuestions } from './questions.ts';
import {
  leavesOf,
  ownGets,
  putAllowed,
  type GetNode,
  type JobPlan,
  type LeafKind,
  type PutNode,
  type TaskNode,
} from './plan.ts';
import { findSteps } from './select.ts';
import { findVarIn, readJobPipeline } from './read-pipeline.ts';

/** What a person asks for. */
export interface JobRequest {
  /** The text of the pipeline. */
  readonly text: string;
  /** Its file, as given. */
  readonly file: string;
  readonly job: string;
  readonly vars: Vars;
  readonly choices: JobChoices;
  /** `-i NAME=…`: a folder, `run:RUN/OUTPUT`, or `image:REFERENCE`. */
  readonly inputs: Readonly<Record<string, string>>;
  /** `--resource-type TYPE=IMAGE`: the images of resource types. */
  readonly resourceTypes?: Readonly<Record<string, string>>;
  /** The folder that relative paths start from. */
  readonly cwd: string;
  /** The names of the vars that were given by hand, and the files of vars: a record keeps no value. */
  readonly varNames?: JobAsked['vars'] | undefined;
  /** Where the records of jobs are: `--from` and `--only` take what earlier steps left from there. */
  readonly stateDir?: string | undefined;
  /** The run of the job to take it from; the newest when absent. */
  readonly of?: string | undefined;
  /** Folders whose working copies may stand for gets, the surest first; default `cwd`. */
  readonly checkouts?: readonly string[] | undefined;
  /** Gets that no working copy stands for: their resource type runs. */
  readonly fetched?: readonly string[] | undefined;
  /** What stood for gets when the job began, in place of what would be found now. */
  readonly given?: JobAsked['given'] | undefined;
}

/** A job that is planned. */
export interface PreparedJob {
  readonly plan: JobPlan;
  /** What the one step is that was chosen to run by itself; undefined when several run. */
  readonly only?: LeafKind | undefined;
  /** The plan as lines for people. */
  readonly tree: readonly string[];
  /** What keeps it from running to its end as it is chosen. */
  readonly problems: readonly string[];
  /** What the answers of a person can change, for who shows that. */
  readonly questions: JobQuestions;
  /** What the steps that do not run are taken from: `unit-1f6d20aa, 12 minutes ago`. */
  readonly earlier?: string | undefined;
  /** What stands for gets, and what else was given. */
  readonly given: ReadonlyMap<string, JobArtifact>;
  readonly types: ResourceTypes;
  readonly findVar: FindVar;
  /** Local vars that earlier steps left. */
  readonly localVars: ReadonlyMap<string, Value>;
  /** The text of the pipeline. */
  readonly text: string;
  /** What was asked for, as far as a record may keep it. */
  readonly asked: Omit<JobAsked, 'pipeline' | 'given' | 'base'>;
}

/** A job, or what is wrong with what was asked for. */
export type PreparedJobResult = PreparedJob | { readonly wrong: readonly string[] };

/** Plans a job. Reads the task files that lie in folders that are given; asks no cluster. */
export async function prepareJob(request: JobRequest): Promise<PreparedJobResult> {
  const findVar = findVarIn(request.vars);
  const read = readJobPipeline(request.text, request.vars, request.file);
  if ('wrong' in read) return read;
  const planned = planJob(read.pipeline, request.job, request.choices);
  if (!planned.ok) return { wrong: planned.problems };
  const { whole } = planned;
  let { plan } = planned;
  const versions = versionProblems(whole, request.choices.versions ?? {});
  if (versions.length > 0) return { wrong: versions };
  const given = new Map<string, JobArtifact>(
    request.given ?? Object.entries(request.inputs).map(([name, text]) => [name, artifactOf(text, request.cwd)]),
  );
  const all = ownGets(whole.root);
  for (const folder of request.given === undefined ? (request.checkouts ?? [request.cwd]) : []) {
    const checkout = checkoutAround(folder);
    for (const { name } of checkout === undefined ? [] : getsOf(checkout, all)) {
      const isOpen = !given.has(name) && request.fetched?.includes(name) !== true;
      if (isOpen) given.set(name, { kind: 'directory', directory: checkout?.root ?? folder });
    }
  }
  let earlier: EarlierSteps | undefined;
  try {
    earlier = await stepsBefore(request, plan);
  } catch (error) {
    return { wrong: [(error as Error).message] };
  }
  for (const [name, place] of earlier?.artifacts ?? []) {
    if (!given.has(name) && request.given === undefined) given.set(name, place);
  }
  if (earlier !== undefined) plan = withReads(plan, whole, earlier);
  const types = new ResourceTypes(read.pipeline, request.resourceTypes ?? {}, findVar);
  const taskOf = await taskReader(whole, given);
  const facts: JobFacts = { given: new Set(given.keys()), taskOf };
  const problems: string[] = [];
  const troubles = new Map<string, string>();
  /** What no artifact, version or var changes. */
  const others: string[] = [];
  const images = imageGets(whole.root, facts);
  const running = new Set(leavesOf(plan.root).map(({ address }) => address));
  for (const get of all) {
    if (given.has(get.name)) continue;
    const image = images.has(get.name) ? imageOfGet(get) : { unknown: '' };
    if ('reference' in image) {
      given.set(get.name, { kind: 'image', reference: image.reference });
    } else if (running.has(get.address)) {
      const why = image.unknown === '' ? types.trouble(get.type) : image.unknown;
      if (why === undefined) continue;
      troubles.set(get.address, why);
      problems.push(image.unknown === '' ? noType(get, why) : `get ${get.name}: ${why}`);
    }
  }
  for (const put of leavesOf(plan.root)) {
    if (put.kind !== 'put' || !putAllowed(plan.puts, put)) continue;
    const why = types.trouble(put.type);
    if (why !== undefined) others.push(noType(put, why));
  }
  others.push(...platformProblems(plan, taskOf));
  const varFacts = { find: findVar, taskOf, types, isGiven: (get: string) => given.has(get) };
  const artifacts = missingArtifacts(whole, plan, { ...facts, given: new Set(given.keys()) });
  problems.push(...others, ...missingVars(plan, varFacts), ...artifacts.values());
  const [title = '', ...branches] = planTree(plan, { givenFrom: (name) => givenText(given.get(name)) });
  const from =
    earlier === undefined || earlier.artifacts.size === 0
      ? ''
      : `  (earlier steps: ${earlier.about}; ${[...earlier.artifacts.keys()].join(', ')})`;
  const tree = [`${title}${from}`, ...branches];
  return {
    plan,
    only: onlyKind(whole, request.choices.only),
    tree,
    problems: [...new Set(problems)],
    questions: {
      ...questionsOf(plan, { given, troubles }),
      vars: [...varsWithoutValue(plan, varFacts).keys()],
      artifacts,
      problems: [...new Set(others)],
    },
    ...(earlier !== undefined && earlier.artifacts.size > 0 && { earlier: earlier.about }),
    given,
    types,
    findVar,
    localVars: earlier?.vars ?? new Map<string, Value>(),
    text: request.text,
    asked: {
      ...(earlier !== undefined && { of: earlier.id }),
      job: request.job,
      cwd: request.cwd,
      choices: request.choices,
      resourceTypes: request.resourceTypes ?? {},
      vars: request.varNames ?? { names: [], files: [] },
    },
  };
}

/** What earlier steps left, when only some of the steps run. */
async function stepsBefore(request: JobRequest, plan: JobPlan): Promise<EarlierSteps | undefined> {
  const { stateDir, choices, of, cwd, file, job } = request;
  if (stateDir === undefined || (choices.from === undefined && choices.only === undefined)) {
    if (of === undefined) return undefined;
    throw new Error('--of says where --from and --only take artifacts from: name the first step with --from.');
  }
  const runs = new Set(leavesOf(plan.root).map(({ address }) => address));
  const pipeline = resolve(cwd, file === '-' ? 'pipeline.yml' : file);
  return earlierSteps({ stateDir, pipeline, job, of, isLeftOut: (address) => !runs.has(address) });
}

/** The plan with the `load_var` steps before it whose values nobody wrote down. */
function withReads(plan: JobPlan, whole: JobPlan, { read, artifacts }: EarlierSteps): JobPlan {
  const reads = leavesOf(whole.root).filter(
    (leaf) => leaf.kind === 'load_var' && read.has(leaf.address) && artifacts.has(leaf.file.split('/')[0] ?? ''),
  );
  return reads.length === 0 ? plan : { ...plan, root: { kind: 'do', steps: [...reads, plan.root] } };
}

/** What the step of this name is; undefined when it names none, or several. */
function onlyKind({ root }: JobPlan, name: string | undefined): LeafKind | undefined {
  const [step, ...others] = name === undefined ? [] : findSteps(root, name);
  return others.length === 0 ? step?.kind : undefined;
}

/** What is said of a step whose resource type cannot run. */
function noType({ kind, name, type }: GetNode | PutNode, why: string): string {
  const folder = kind === 'get' ? `, or give a folder with -i ${name}=DIR` : '';
  return `${kind} ${name}: ${why}. Name one with --resource-type ${type}=IMAGE${folder}.`;
}

function artifactOf(text: string, cwd: string): JobArtifact {
  const earlier = parseEarlierOutput(text);
  if (earlier !== undefined) return { kind: 'output', ...earlier };
  if (text.startsWith('image:')) return { kind: 'image', reference: text.slice('image:'.length) };
  return { kind: 'directory', directory: resolve(cwd, text) };
}

function givenText(artifact: JobArtifact | undefined): string | undefined {
  switch (artifact?.kind) {
    case 'directory':
      return `folder ${artifact.directory}`;
    case 'output':
      return `output ${artifact.output} of ${artifact.run}`;
    case 'image':
      return `image ${artifact.reference}`;
    default:
      return undefined;
  }
}

/** Reads the task files that lie in local folders: of these steps inputs and outputs are known. */
async function taskReader(
  plan: JobPlan,
  given: ReadonlyMap<string, JobArtifact>,
): Promise<(node: TaskNode) => TaskConfig | undefined> {
  const configs = new Map<string, TaskConfig>();
  for (const leaf of leavesOf(plan.root)) {
    if (leaf.kind !== 'task' || leaf.file === undefined) continue;
    const [name = '', ...path] = leaf.file.split('/');
    const place = given.get(name);
    if (place?.kind !== 'directory') continue;
    try {
      configs.set(leaf.address, decodeTask(await readFile(join(place.directory, ...path), 'utf8')).config);
    } catch {
      // The step says it when it runs: something before it may still make the file.
    }
  }
  return (node) => configs.get(node.address);
}

/** A task that cannot run here is told before the first pod, never skipped. */
function platformProblems(plan: JobPlan, taskOf: (node: TaskNode) => TaskConfig | undefined): string[] {
  return leavesOf(plan.root).flatMap((leaf) => {
    if (leaf.kind !== 'task') return [];
    const platform = taskOf(leaf)?.platform ?? leaf.config?.['platform'];
    return typeof platform === 'string' && platform !== 'linux' && !platform.includes('((')
      ? [
          `task ${leaf.name} is for the platform ${platform}: only linux runs here. Leave it out with --until or --from, and give what it makes with -i NAME=DIR.`,
        ]
      : [];
  });
}
