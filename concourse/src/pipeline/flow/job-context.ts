/** What the checks of one job share: its names, what was lost on the way, what is used. */
import { didYouMean } from '../../text/suggest.ts';
import type { Severity } from '../../text/problem.ts';
import { varRanges } from '../../vars/vars.ts';
import type { ScalarNode, TaskNode } from '../../yaml/nodes.ts';
import { type Bindings, localVars } from './bindings.ts';
import type { Findings } from './findings.ts';
import { textsBelow, type Located } from './place.ts';
import type { PipelineFacts } from './pipeline-facts.ts';
import type { Artifact, Made, Scope } from './scope.ts';
import type { JobNames } from './steps.ts';

/** How an artifact is asked for. */
export interface Request {
  /** Where it is named. */
  readonly at: Located;
  /** How the place uses it, e.g. `The input 'binary'`. */
  readonly what: string;
  /** Worst severity; default error. */
  readonly severity?: Severity;
  readonly code?: string;
  /** The text to put in place of the range, for a name that is meant. */
  readonly replacement?: (name: string) => string;
}

/** A task step, and what was there before it. */
export interface TaskVisit {
  readonly step: Located;
  readonly scope: Scope;
  readonly bindings: Bindings;
}

/** One job while it is walked. */
export class JobContext {
  readonly facts: PipelineFacts;
  readonly findings: Findings;
  readonly text: string;
  readonly name: string;
  readonly names: JobNames;
  /** What the whole plan makes, for words about later steps. */
  readonly made: Made;
  /** Why a name is not an artifact, by name: what became of it. */
  readonly lost = new Map<string, string>();
  readonly used = new Set<string>();
  /** What is there before each step, as it is found first; kept where somebody asks for it. */
  readonly before: Map<TaskNode, { readonly scope: Scope; readonly bindings: Bindings }> | undefined;
  /** Each task step as it is walked, once for every combination of an across; kept where somebody asks for it. */
  readonly visits: TaskVisit[] | undefined;
  /** Something unknown may use any artifact. */
  usesAnything = false;

  constructor(
    facts: PipelineFacts,
    findings: Findings,
    text: string,
    name: string,
    names: JobNames,
    made: Made,
    before?: JobContext['before'],
    visits?: TaskVisit[],
  ) {
    this.facts = facts;
    this.findings = findings;
    this.text = text;
    this.name = name;
    this.names = names;
    this.made = made;
    this.before = before;
    this.visits = visits;
  }

  /** Looks an artifact up, and says so when it is not there. Undefined: it is not, or nobody knows. */
  artifact(name: string, scope: Scope, request: Request): Artifact | undefined {
    this.used.add(name);
    const found = scope.artifacts.get(name);
    const worst = request.severity ?? 'error';
    if (found?.certainty === 'maybe') {
      const code = request.code ?? 'artifact-doubtful';
      this.findings.add(
        'warning',
        code === 'artifact-missing' ? 'artifact-doubtful' : code,
        request.at,
        doubtOf(name, found, request.what),
      );
    }
    if (found || scope.open) return found;
    const { message, meant } = this.#missing(name, scope, request);
    this.findings.add(worst, request.code ?? 'artifact-missing', request.at, message, {
      key: name,
      suggestion: meant,
      ...(meant === undefined || !request.replacement ? {} : { replacement: request.replacement(meant) }),
    });
    return undefined;
  }

  /** The artifact that a missing name is meant to be. */
  meant(name: string, scope: Scope): string | undefined {
    const byResource = [...scope.artifacts].find(([, { maker }]) => maker.resource?.name === name)?.[0];
    return byResource ?? didYouMean(name, scope.artifacts.keys());
  }

  #missing(name: string, scope: Scope, { what }: Request): { message: string; meant: string | undefined } {
    const head = `${what} is not there: nothing before this step makes an artifact '${name}'.`;
    const lost = this.lost.get(name);
    if (lost !== undefined) return { message: `${head} ${lost}`, meant: undefined };
    const byResource = [...scope.artifacts].find(([, { maker }]) => maker.resource?.name === name);
    if (byResource) {
      const [meant, { maker }] = byResource;
      const message = `${head} The ${maker.kind} of the resource '${name}' is called '${meant}', and so is its artifact.`;
      return { message, meant };
    }
    const later = this.made.artifacts.get(name);
    if (later) {
      const { kind, step } = later.maker;
      return { message: `${head} The ${kind} step '${step}' makes it, but not before this step.`, meant: undefined };
    }
    const meant = didYouMean(name, scope.artifacts.keys());
    if (meant !== undefined) return { message: `${head} Did you mean '${meant}'?`, meant };
    const advice = this.facts.resources.has(name)
      ? `Add 'get: ${name}' before it.`
      : 'Make it by a get, a put or an output of a task before it.';
    return { message: `${head} ${advice}`, meant: undefined };
  }

  /** Says of the local variables below a node which are not set. */
  vars(holder: Located | undefined, scope: Scope, bindings: Bindings): void {
    for (const { node, place, text } of textsBelow(holder)) {
      if (!text.includes('((.:')) continue;
      const uses = localVars(text, bindings);
      const ranges = varRanges(
        node,
        uses.map(({ name }) => name),
        this.text,
      );
      uses.forEach(({ path }, index) => {
        this.variable(path, scope, { node, place }, ranges[index]);
      });
    }
  }

  /** Says of one local variable that it is not set. */
  variable(path: string, scope: Scope, at: Located, range = at.node.range, where = ''): void {
    this.used.add(path);
    const found = scope.vars.get(path);
    if (found?.certainty === 'maybe') {
      const message = `'((.:${path}))'${where} may not be set yet: the step that sets it ${DOUBTS[found.doubt ?? 'try']}.`;
      this.findings.add('warning', 'local-var-doubtful', at, message, { key: path }, range);
    }
    // Before 8.1 a get sets no variable.
    if (found || scope.openVars || (this.facts.target === '7.14' && scope.artifacts.has(path))) return;
    const head = `'((.:${path}))'${where} is not set: no load_var, get or put before this step sets it.`;
    const meant = didYouMean(path, scope.vars.keys());
    const advice = this.made.vars.has(path)
      ? 'A step of this job sets it, but not before this one.'
      : meant === undefined
        ? 'Load it by a load_var in this job.'
        : `Did you mean '((.:${meant}))'?`;
    const data = { key: path, suggestion: meant };
    this.findings.add('error', 'local-var-missing', at, `${head} ${advice}`, data, range);
  }

  /** Says of local variables in a field that is not filled in. True when there are any. */
  notFilledIn(located: Located<ScalarNode> & { readonly text: string }, field: string, bindings: Bindings): boolean {
    const [use] = localVars(located.text, bindings);
    if (!use) return false;
    this.used.add(use.path);
    const message = `Concourse does not fill '((${use.name}))' into ${field}: it takes the text as written. Only values of an across around the step are filled in there.`;
    this.findings.add('error', 'local-var-place', located, message, { key: use.path });
    return true;
  }
}

const DOUBTS = {
  try: 'is in a try and may fail',
  sibling: 'runs beside this one',
  hook: 'may have failed before this hook runs',
} as const;

function doubtOf(name: string, { maker, doubt }: Artifact, what: string): string {
  return `${what} may not be there: the ${maker.kind} step '${maker.step}' that makes '${name}' ${DOUBTS[doubt ?? 'try']}.`;
}
