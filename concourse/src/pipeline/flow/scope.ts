/** What is there before a step: artifacts and local variables, each as sure as it is. */
import type { TaskNode } from '../../yaml/nodes.ts';

/**
 * `present`; `maybe`: a step may not have made it yet, or may have failed (told as a warning); `perhaps`: the same where
 * nobody wants to hear of it, as in the hooks of a job.
 */
export type Certainty = 'present' | 'maybe' | 'perhaps';

/** Why something is not sure. */
export type Doubt = 'try' | 'sibling' | 'hook';

/** A resource of the pipeline. */
export interface Resource {
  readonly name: string;
  /** The type, where the pipeline does not redefine it; '' for a custom one. */
  readonly baseType: string;
  /** True when the resource is the checkout that holds the pipeline, at its branch. */
  readonly local: boolean;
}

/** The step that made an artifact. */
export interface Maker {
  readonly kind: 'get' | 'put' | 'task';
  readonly step: string;
  /** The step itself. */
  readonly node: TaskNode;
  readonly resource?: Resource | undefined;
  /** `params` of the get, `get_params` of the put. */
  readonly params?: TaskNode | undefined;
}

/** An artifact. */
export interface Artifact {
  readonly certainty: Certainty;
  readonly doubt?: Doubt;
  readonly maker: Maker;
  /** True when its files are those of the checkout. */
  readonly local: boolean;
}

/** A local variable. */
export interface LocalVar {
  readonly certainty: Certainty;
  readonly doubt?: Doubt;
}

/** What steps of a subtree make, whatever happens. */
export interface Made {
  readonly artifacts: ReadonlyMap<string, Artifact>;
  readonly vars: ReadonlySet<string>;
  /** Artifacts of names that nobody knows are made, too. */
  readonly open: boolean;
  /** And variables. */
  readonly openVars: boolean;
}

/** Artifacts and variables of one moment. Never changed: every change makes a new one. */
export class Scope {
  readonly artifacts: ReadonlyMap<string, Artifact>;
  readonly vars: ReadonlyMap<string, LocalVar>;
  /** Artifacts of unknown names may be there. */
  readonly open: boolean;
  /** Variables of unknown names may be there. */
  readonly openVars: boolean;

  constructor(
    artifacts: ReadonlyMap<string, Artifact> = new Map(),
    vars: ReadonlyMap<string, LocalVar> = new Map(),
    open = false,
    openVars = false,
  ) {
    this.artifacts = artifacts;
    this.vars = vars;
    this.open = open;
    this.openVars = openVars;
  }

  /** With more artifacts, variables, unknown names. */
  with(
    artifacts: Iterable<readonly [string, Artifact]>,
    vars: Iterable<readonly [string, LocalVar]> = [],
    open = false,
    openVars = false,
  ): Scope {
    return new Scope(
      new Map([...this.artifacts, ...artifacts]),
      new Map([...this.vars, ...vars]),
      this.open || open,
      this.openVars || openVars,
    );
  }

  /** With names that nobody knows. */
  withUnknown(): Scope {
    return this.with([], [], true, true);
  }

  /** With what may have been made; what is there already stays as it is. */
  withDoubtful(made: Made, certainty: Certainty, doubt: Doubt): Scope {
    const artifacts = [...made.artifacts].filter(([name]) => !this.artifacts.has(name));
    const vars = [...made.vars].filter((name) => !this.vars.has(name));
    return this.with(
      artifacts.map(([name, artifact]) => [name, { ...artifact, certainty, doubt }]),
      vars.map((name) => [name, { certainty, doubt }]),
      made.open,
      made.openVars,
    );
  }

  /** With what another scope has registered since it was `start`. */
  plus(later: Scope, start: Scope): Scope {
    return this.with(
      [...later.artifacts].filter(([name, artifact]) => start.artifacts.get(name) !== artifact),
      [...later.vars].filter(([name, value]) => start.vars.get(name) !== value),
      later.open,
      later.openVars,
    );
  }

  /** What is there when either of two things has happened. */
  either(other: Scope, doubt: Doubt): Scope {
    const artifacts = new Map<string, Artifact>();
    for (const [name, artifact] of [...other.artifacts, ...this.artifacts]) {
      const [a, b] = [this.artifacts.get(name), other.artifacts.get(name)];
      artifacts.set(name, a && b ? lessSure(a, b) : { ...artifact, certainty: weaker(artifact.certainty), doubt });
    }
    const vars = new Map<string, LocalVar>();
    for (const [name, value] of [...other.vars, ...this.vars]) {
      const [a, b] = [this.vars.get(name), other.vars.get(name)];
      vars.set(name, a && b ? lessSure(a, b) : { certainty: weaker(value.certainty), doubt });
    }
    return new Scope(artifacts, vars, this.open || other.open, this.openVars || other.openVars);
  }

  /** The same, where doubts are not told. */
  hushed(): Scope {
    const hush = <T extends { readonly certainty: Certainty }>(value: T): T =>
      value.certainty === 'maybe' ? { ...value, certainty: 'perhaps' } : value;
    return new Scope(
      new Map([...this.artifacts].map(([name, artifact]) => [name, hush(artifact)])),
      new Map([...this.vars].map(([name, value]) => [name, hush(value)])),
      this.open,
      this.openVars,
    );
  }
}

function weaker(certainty: Certainty): Certainty {
  return certainty === 'present' ? 'maybe' : certainty;
}

function lessSure<T extends { readonly certainty: Certainty }>(a: T, b: T): T {
  return a.certainty === 'perhaps' ? a : b.certainty === 'present' ? a : b;
}
