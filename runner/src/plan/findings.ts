/** What a plan finds wrong, with its place in the task file. */
import { placeAt } from '#concourse';
import type { PlanProblem, DraftRequest } from '../model/plan.ts';

/** Collects problems with their place in the task file. */
export class Findings {
  readonly problems: PlanProblem[] = [];
  readonly warnings: PlanProblem[] = [];
  readonly #request: DraftRequest | undefined;

  /** @param request without it no problem has a place */
  constructor(request?: DraftRequest) {
    this.#request = request;
  }

  /** The place of the nearest part that the file has: an input without `path` is found by its entry. */
  #at(path: readonly (string | number)[] | undefined): { line?: number; column?: number } {
    const document = this.#request?.document;
    if (!document) return {};
    for (const parts = [...(path ?? [])]; parts.length > 0; parts.pop()) {
      const range = document.rangeOf(parts);
      if (range) return placeAt(document, range.start);
    }
    return {};
  }

  error(code: string, message: string, nextStep?: string, path?: readonly (string | number)[]): void {
    this.problems.push({ code, message, ...this.#at(path), ...(nextStep ? { nextStep } : {}) });
  }

  warn(code: string, message: string, nextStep?: string, path?: readonly (string | number)[]): void {
    this.warnings.push({ code, message, ...this.#at(path), ...(nextStep ? { nextStep } : {}) });
  }
}
