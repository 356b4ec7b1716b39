/** What a person may be asked before a job runs, and what is known of it: for the page that an editor shows. */
import type { JobArtifact } from '../cluster/artifact.ts';
import { goJsonText, isList, isMap, type Value } from '../values/values.ts';
import { locksOf } from './plan-job.ts';
import { leafName, leavesOf, ownGets, putAllowed, type JobPlan, type LeafKind, type PutNode } from './plan.ts';
import { shortAddress } from './select.ts';

/** A get that will run. */
export interface AskedGet {
  readonly name: string;
  readonly resource: string;
  readonly type: string;
  /** What it becomes here: a folder, an output, an image; absent: its resource type runs. */
  readonly given?: JobArtifact;
  /** Pinned by the pipeline, or chosen; a text for people. */
  readonly version?: string;
  /** Why its resource type cannot run here. */
  readonly trouble?: string;
  /** Jobs that its version would have passed. Shown, not enforced. */
  readonly passed: readonly string[];
}

/** A put that is held back unless somebody names it. */
export interface AskedPut {
  readonly name: string;
  readonly address: string;
  readonly resource: string;
  readonly type: string;
  /** JSON, with the values of vars in it: some may be secret. */
  readonly params: string;
  /** Names of artifacts, `all`, or `detect`. */
  readonly inputs: string;
  readonly runs: boolean;
  /** Addresses of the puts that run with it, itself included: those of one lock go together. */
  readonly together: readonly string[];
}

/** A step of a job, whether it is chosen or not. */
export interface JobStep {
  readonly address: string;
  /** The shortest text that means this step alone. */
  readonly label: string;
  /** `task:test`. */
  readonly leaf: string;
  readonly kind: LeafKind;
  readonly name: string;
  /** It is inside of a hook, which runs when its step has ended: nothing begins with it. */
  readonly inHook: boolean;
}

/** Everything that the answers of a person can change. */
export interface JobQuestions {
  readonly gets: readonly AskedGet[];
  readonly puts: readonly AskedPut[];
  /** Names of `((vars))` that a step needs and nobody gives. */
  readonly vars: readonly string[];
  /** Names of artifacts that a step needs and nothing makes, each with the reason. */
  readonly artifacts: ReadonlyMap<string, string>;
  /** What no answer changes. */
  readonly problems: readonly string[];
}

/** What the gets and puts of a plan become with what was chosen. */
export function questionsOf(
  plan: JobPlan,
  facts: {
    readonly given: ReadonlyMap<string, JobArtifact>;
    readonly troubles: ReadonlyMap<string, string>;
  },
): Pick<JobQuestions, 'gets' | 'puts'> {
  const gets = ownGets(plan.root).map((get): AskedGet => {
    const given = facts.given.get(get.name);
    const trouble = facts.troubles.get(get.address);
    return {
      name: get.name,
      resource: get.resource,
      type: get.type,
      passed: get.passed ?? [],
      ...(given !== undefined && { given }),
      ...(isMap(get.version) && { version: versionText(get.version) }),
      ...(trouble !== undefined && given === undefined && { trouble }),
    };
  });
  const putNodes = leavesOf(plan.root).filter((leaf): leaf is PutNode => leaf.kind === 'put');
  const locks = locksOf(putNodes);
  const puts = putNodes.map((put): AskedPut => {
    const lock = locks.get(put.resource)?.map(({ address }) => address) ?? [];
    return {
      name: put.name,
      address: put.address,
      resource: put.resource,
      type: put.type,
      params: goJsonText(put.params ?? {}),
      inputs: isList(put.inputs) ? put.inputs.map(String).join(', ') : typeof put.inputs === 'string' ? put.inputs : '',
      runs: putAllowed(plan.puts, put),
      together: lock.includes(put.address) ? lock : [put.address],
    };
  });
  // A get by the same name twice is one question, and so is a put.
  return { gets: unique(gets, ({ name }) => name), puts: unique(puts, ({ address }) => address) };
}

/** The steps of a job in order; an implicit get goes with its put. */
export function stepsOf({ root }: Pick<JobPlan, 'root'>): JobStep[] {
  return leavesOf(root)
    .filter((leaf) => !(leaf.kind === 'get' && leaf.of_put === true))
    .map((leaf) => ({
      address: leaf.address,
      label: shortAddress(root, leaf),
      leaf: leafName(leaf),
      kind: leaf.kind,
      name: leaf.name,
      inHook: leaf.hook !== undefined,
    }));
}

function versionText(version: Readonly<Record<string, Value>>): string {
  return Object.entries(version)
    .map(([key, value]) => `${key}:${typeof value === 'string' ? value : goJsonText(value)}`)
    .join(' ');
}

function unique<T>(all: readonly T[], key: (each: T) => string): T[] {
  return [...new Map(all.map((each) => [key(each), each])).values()];
}
