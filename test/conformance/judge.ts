/** What is asked of every file of a corpus: the checks that our own files and the public ones share. */
import { Ajv } from 'ajv';
import { taskJsonSchema } from '../../scripts/generate/json-schema.ts';
import { applyEdits } from '#internal/server/src/features/fixes/edits.ts';
import { formattingEdits } from '#internal/server/src/features/formatting/formatting.ts';
import { decodeTask } from '#internal/concourse/src/task/document.ts';
import { taskConfigJson } from '#concourse';
import { toJsonValue } from '#internal/concourse/src/decode/json.ts';
import { checkTask } from '#internal/concourse/src/rules/check.ts';
import type { Problem } from '#internal/concourse/src/text/problem.ts';
import type { Target } from '#internal/concourse/src/task/config.ts';
import { fixtureEnvironment } from '../golden/fixture.ts';

/** What Tarmac says of a text. */
export interface Judgement {
  readonly valid: boolean;
  readonly problems: readonly Problem[];
}

/**
 * Checks a text without local files and without a vars file.
 *
 * @param extensions whether Tarmac's own keys may be used, as in the editor
 * @throws Error when a rule itself fails
 */
export function judge(text: string, target: Target, extensions: boolean): Judgement {
  const document = decodeTask(text, { target, extensions });
  const problems = checkTask(document, fixtureEnvironment([], { target, extensions }), {
    onRuleError: (rule, error) => {
      throw new Error(`the rule ${rule} failed`, { cause: error });
    },
  });
  return { valid: document.valid, problems };
}

/** A text as the formatter lays it out. */
export function formatted(text: string, step = 2): string {
  return applyEdits(text, formattingEdits(decodeTask(text, { extensions: true }), step));
}

/** What formatting a text must keep: the task, its problems, the comments, every character but blanks. */
export function kept(text: string): unknown {
  const { config, problems } = decodeTask(text, { extensions: true });
  return {
    task: taskConfigJson(config),
    problems: problems.map(({ code }) => code),
    comments: text.match(/#.*\S/g) ?? [],
    characters: text.replaceAll(/\s/g, ''),
  };
}

const validate = new Ajv({ strict: false, allErrors: true }).compile(taskJsonSchema());

/** What the published JSON Schema finds wrong in a value, as `PLACE MESSAGE`. */
export function schemaErrors(value: unknown): string[] {
  return validate(value)
    ? []
    : (validate.errors ?? []).map(({ instancePath, message = '' }) => `${instancePath} ${message}`);
}

/** What the schema finds wrong in a text; undefined when the text is no YAML, which never reaches a schema. */
export function schemaErrorsOf(text: string): string[] | undefined {
  const { root, problems } = decodeTask(text, { extensions: true });
  const unreadable = ({ code }: Problem): boolean =>
    /^yaml-|^not-json$|^unsupported-key$/.test(code) && !code.startsWith('yaml-value');
  return problems.some(unreadable) ? undefined : schemaErrors(toJsonValue(root));
}
