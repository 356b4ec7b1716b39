/** What a rule is. The table of all of them is `rules/index.ts`; severities, docs page, fixes and tests derive from it. */
import type { TaskDocument } from '../task/document.ts';
import type { Environment } from '../task/environment.ts';
import type { ProblemData, Severity, TextRange } from '../text/problem.ts';
import type { Target } from '../task/config.ts';

/** What a rule's check may look at, and how it reports. */
export interface RuleContext {
  readonly document: TaskDocument;
  readonly environment: Environment;
  /** Adds a problem of this rule; its severity is the rule's unless one is given. */
  readonly report: (
    range: TextRange,
    message: string,
    options?: { readonly data?: ProblemData | undefined; readonly severity?: Severity | undefined },
  ) => void;
}

/** One thing that can be wrong with a task file. */
export interface Rule {
  /** Stable kebab-case name: the `code` of its problems, the key in settings, the anchor in docs/rules.md. */
  readonly id: string;
  readonly group:
    | 'syntax'
    | 'structure'
    | 'values'
    | 'image'
    | 'params'
    | 'vars'
    | 'paths'
    | 'limits'
    | 'files'
    | 'script'
    | 'pipeline'
    | 'flow'
    | 'checking';
  /**
   * Default severity; `off` is for advice that must be asked for. Where it depends on the place or on the generation
   * the worst one, and `documentation` says so.
   */
  readonly severity: Severity | 'off';
  /** One line: what it finds. */
  readonly title: string;
  /** Markdown: what Concourse or Kubernetes does and why that matters, how to mend it, and the public source of the fact. */
  readonly documentation: string;
  /** A smallest file that shows it (for the docs page; tested). */
  readonly example?: string;
  /** Generations of Concourse that it has something to say about; absent: all. */
  readonly targets?: readonly Target[];
  /** A quick fix exists. */
  readonly fixable?: true;
  /** Absent: what reads the text reports it (`yaml/`, `decode/`, `vars/`, `pipeline/`), or `check.ts` itself. */
  readonly check?: (context: RuleContext) => void;
}
