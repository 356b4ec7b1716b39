/** The definition of a VS Code task of type `concourse`, as `tasks.json` and other extensions write it. Pure. */
import { createHash } from 'node:crypto';
import { isAbsolute, resolve } from 'node:path';
import * as l10n from '@vscode/l10n';
import { parseEarlierOutput } from '#runner/earlier-output';
import type { ExecuteOptions } from '../execute/execute.ts';
import type { Choices } from '../choices/choices.ts';

/** The type of our tasks. */
export const taskType = 'concourse';

/** What `taskDefinitions` of the manifest describes. Paths may be relative to the workspace folder. */
export interface ConcourseTask {
  readonly file: string;
  readonly inputs?: Readonly<Record<string, string | null>>;
  readonly outputs?: Readonly<Record<string, string>>;
  readonly params?: Readonly<Record<string, string>>;
  readonly vars?: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
  readonly image?: string;
  readonly privileged?: boolean;
  readonly context?: string;
  readonly namespace?: string;
  readonly keep?: string;
  readonly ask?: 'missing' | 'never';
}

/** A definition that is none. The message says what is wrong with which property. */
export class DefinitionError extends Error {
  override readonly name = 'DefinitionError';
}

type Check = (value: unknown) => boolean;

/** How each property of a definition is checked, and what it has to be. */
export type Properties<T> = Readonly<Record<keyof T & string, readonly [Check, () => string]>>;

export const isText: Check = (value) => typeof value === 'string';
const isFlag: Check = (value) => typeof value === 'boolean';
export const isMap =
  (check: Check): Check =>
  (value) =>
    typeof value === 'object' && value !== null && !Array.isArray(value) && Object.values(value).every(check);
const isDuration: Check = (value) => typeof value === 'string' && /^(?:[0-9.]+(?:ms|s|m|h))+$/u.test(value);

const properties: Properties<ConcourseTask> = {
  file: [(value) => isText(value) && value !== '', () => l10n.t('the path of a task file')],
  inputs: [isMap((value) => value === null || isText(value)), () => l10n.t('a folder, or null, by name of the input')],
  outputs: [isMap(isText), () => l10n.t('a folder by name of the output')],
  params: [isMap(isText), () => l10n.t('a text by name of the param; put numbers and booleans in quotes')],
  vars: [isMap(isText), () => l10n.t('a text by name of the variable; put numbers and booleans in quotes')],
  args: [(value) => Array.isArray(value) && value.every(isText), () => l10n.t('a list of texts')],
  image: [isText, () => l10n.t('the name of an image')],
  privileged: [isFlag, () => l10n.t('true or false')],
  context: [isText, () => l10n.t('the name of a context')],
  namespace: [isText, () => l10n.t('the name of a namespace')],
  keep: [isDuration, () => l10n.t('a duration such as 30m')],
  ask: [(value) => value === 'missing' || value === 'never', () => l10n.t('"missing" or "never"')],
};

/**
 * The definition, checked.
 * @throws {DefinitionError}
 */
export function readDefinition(definition: Readonly<Record<string, unknown>>): ConcourseTask {
  if (definition['file'] === undefined) {
    throw new DefinitionError(
      l10n.t('The task in tasks.json has no "file": name the Concourse task file that is to run.'),
    );
  }
  checkProperties(definition, properties);
  return definition;
}

/**
 * Checks the properties that are there.
 * @throws {DefinitionError}
 */
export function checkProperties<T>(
  definition: Readonly<Record<string, unknown>>,
  all: Properties<T>,
): asserts definition is Readonly<Record<string, unknown>> & T {
  for (const [name, [check, expected]] of Object.entries<Properties<T>[keyof T & string]>(all)) {
    const value = definition[name];
    if (value !== undefined && !check(value)) {
      throw new DefinitionError(
        l10n.t('"{0}" of the task in tasks.json is not right. It has to be: {1}.', name, expected()),
      );
    }
  }
}

/**
 * How the task is executed.
 * @param cwd absolute directory that relative paths start from
 * @param taskUri URI of the task file
 */
export function executeOptions(task: ConcourseTask, cwd: string, taskUri: string): ExecuteOptions {
  const choices = choicesOf(task, cwd);
  const { context, namespace, keep } = task;
  return {
    ask: task.ask ?? 'missing',
    // What the user is asked for beside a definition is remembered for this definition, not for "Execute".
    choices,
    rememberAs: choices && `${taskUri}#${digest(choices)}`,
    keep,
    cluster: context === undefined && namespace === undefined ? undefined : { context, namespace },
  };
}

/** Undefined where the definition decides nothing about the run itself. */
function choicesOf(task: ConcourseTask, cwd: string): Partial<Choices> | undefined {
  const { inputs, outputs, params, vars, args, image, privileged } = task;
  const path = (value: string): string => (isAbsolute(value) ? value : resolve(cwd, value));
  const choices: Partial<Choices> = {
    ...(inputs
      ? { inputs: mapValues(inputs, (value) => (value === null || parseEarlierOutput(value) ? value : path(value))) }
      : {}),
    ...(outputs ? { outputs: mapValues(outputs, path) } : {}),
    ...(params ? { params } : {}),
    ...(vars ? { vars } : {}),
    ...(args ? { args } : {}),
    ...(image === undefined ? {} : { image }),
    ...(privileged === undefined ? {} : { privileged }),
  };
  return Object.keys(choices).length === 0 ? undefined : choices;
}

/** A record with each of its values changed. */
export function mapValues<T, U>(record: Readonly<Record<string, T>>, map: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value)]));
}

/** A short name for a value: equal for equal ones. */
export function digest(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 16);
}
