/** `tarmac validate`: checks task files and pipelines, and prints what is wrong with them. */
import { didYouMean, type PipelineTarget, RULES, type Severity, type Target } from '#concourse';
import { UsageError } from '../usage.ts';
import { checkAll, isAccepted, type Checked } from './checked.ts';
import { findingsOf } from './findings.ts';
import { fileJson } from './json.ts';
import { sarifReport } from './sarif.ts';
import { githubLine, textLine } from './text.ts';

/** A format of the report. */
export type Format = 'text' | 'json' | 'sarif' | 'github';

/** How to check and how to print. */
export interface ValidateOptions {
  /** Default `text`. */
  readonly format?: Format | undefined;
  /** The same as `format: 'json'`. */
  readonly json?: boolean | undefined;
  /** Generation of Concourse whose verdict counts; default `current`. */
  readonly target?: Target | PipelineTarget | undefined;
  /** Problems less severe than this are left out. Default `warning` for people, `hint` for machines. */
  readonly severity?: Severity | undefined;
  /** Severity by rule, in place of the rule's own; `off` turns it off. */
  readonly rules?: Readonly<Record<string, string>> | undefined;
  /** Files with values for `((vars))`: with them, variables without a value are reported. */
  readonly varsFiles?: readonly string[] | undefined;
  /** What the files are, where they do not show it. */
  readonly kind?: 'task' | 'pipeline' | undefined;
  /** Pipelines: unknown keys are errors, and a warning is as good as one. */
  readonly strict?: boolean | undefined;
  /** Values of variables of pipelines: `name=text`. */
  readonly vars?: readonly string[] | undefined;
  /** The same as YAML. */
  readonly yamlVars?: readonly string[] | undefined;
  /** What relative paths count from; default the process's directory. */
  readonly cwd?: string | undefined;
}

/** Where text goes and files come from. */
export interface ValidateIo {
  stdout(text: string): void;
  stderr(text: string): void;
  /** Reads a file's bytes; `-` is standard input. Default: the file system. */
  readFile?(path: string): Promise<Uint8Array | string>;
}

/**
 * Checks files and prints their problems.
 *
 * @param paths files, folders that are searched for task files and pipelines, `-` for standard input
 * @throws {UsageError} when a rule or a severity is none
 * @returns exit code: 0 when Concourse accepts all of them, else 1
 */
export async function validateFiles(
  paths: readonly string[],
  options: ValidateOptions,
  io: ValidateIo,
): Promise<number> {
  const format = options.format ?? (options.json === true ? 'json' : 'text');
  const least = options.severity ?? (format === 'text' || format === 'github' ? 'warning' : 'hint');
  const checking = checkAll(paths, {
    target: options.target ?? 'current',
    severities: severitiesOf(options.rules ?? {}),
    varsFiles: options.varsFiles ?? [],
    strict: options.strict ?? false,
    vars: options.vars ?? [],
    yamlVars: options.yamlVars ?? [],
    kind: options.kind,
    cwd: options.cwd ?? process.cwd(),
    readFile: io.readFile?.bind(io),
    log: (message) => io.stderr(message),
  });
  const all: Checked[] = [];
  let valid = true;
  for await (const checked of checking) {
    valid &&= isAccepted(checked);
    if (format === 'text' || format === 'github') {
      const line = format === 'text' ? textLine : githubLine;
      io.stdout(findingsOf(checked, least).map(line).join(''));
    } else {
      all.push(checked);
    }
  }
  if (format === 'json') io.stdout(`[${all.map((checked) => fileJson(checked, least)).join(',\n')}]\n`);
  if (format === 'sarif') io.stdout(sarifReport(all.flatMap((checked) => findingsOf(checked, least))));
  return valid ? 0 : 1;
}

const LEVELS: readonly (Severity | 'off')[] = ['error', 'warning', 'information', 'hint', 'off'];

function severitiesOf(rules: Readonly<Record<string, string>>): Record<string, Severity | 'off'> {
  const ids = RULES.map(({ id }) => id);
  const problems: string[] = [];
  const entries = Object.entries(rules).flatMap(([id, given]): [string, Severity | 'off'][] => {
    const level = LEVELS.find((each) => each === given);
    if (!ids.includes(id)) {
      const meant = didYouMean(id, ids);
      problems.push(`there is no rule '${id}'${meant === undefined ? '' : `: did you mean '${meant}'?`}`);
    }
    if (level === undefined) problems.push(`invalid severity '${given}' of ${id}: must be ${LEVELS.join(', ')}`);
    return level === undefined ? [] : [[id, level]];
  });
  if (problems.length > 0) throw new UsageError(...problems);
  return Object.fromEntries(entries);
}
