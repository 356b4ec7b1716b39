/** What the steps of a job have made so far, as they see it: artifacts and local vars, by name. */
import type { VarReference } from '#concourse';
import { fieldOf, type FindVar } from '../values/interpolate.ts';
import type { Value } from '../values/values.ts';

/** An artifact: who made it, and what the leaves know it by. */
export interface StepArtifact {
  /** The id of the step that made it, and the name of its output: `task:build@2/out`. */
  readonly maker: string;
  /** What the leaves need to find it again; nothing here looks into it. */
  readonly handle: unknown;
}

/** A name space of artifacts and vars. A combination of `across` has its own and sees everything outside. */
export class Scope {
  readonly #parent: Scope | undefined;
  readonly #artifacts = new Map<string, StepArtifact>();
  readonly #vars = new Map<string, Value>();
  readonly #secret = new Set<string>();

  constructor(parent?: Scope) {
    this.#parent = parent;
  }

  artifact(name: string): StepArtifact | undefined {
    return this.#artifacts.get(name) ?? this.#parent?.artifact(name);
  }

  registerArtifact(name: string, artifact: StepArtifact): void {
    this.#artifacts.set(name, artifact);
  }

  localVar(name: string): Value | undefined {
    return this.#vars.has(name) ? this.#vars.get(name) : this.#parent?.localVar(name);
  }

  /** @param secret whether its value must not be shown */
  setVar(name: string, value: Value, secret: boolean): void {
    this.#vars.set(name, value);
    if (secret) this.#secret.add(name);
    else this.#secret.delete(name);
  }

  /** All artifacts in sight. */
  artifacts(): Map<string, StepArtifact> {
    return new Map([...(this.#parent?.artifacts() ?? []), ...this.#artifacts]);
  }

  /** All local vars in sight. */
  vars(): Map<string, Value> {
    return new Map([...(this.#parent?.vars() ?? []), ...this.#vars]);
  }

  /** The values in sight that must not be shown. */
  secrets(): Value[] {
    const own = [...this.#secret].map((name) => this.#vars.get(name) ?? null);
    return [...(this.#parent?.secrets() ?? []), ...own];
  }

  /** Looks vars up: local ones here, all others where `outer` finds them. */
  finder(outer: FindVar): FindVar {
    return (reference: VarReference) => {
      if (reference.source !== '.') return outer(reference);
      const value = this.localVar(reference.path);
      return value === undefined ? undefined : fieldOf(value, reference);
    };
  }
}
