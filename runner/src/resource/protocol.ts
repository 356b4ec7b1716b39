/**
 * The protocol of a resource type's scripts (atc/resource/resource.go): one JSON object on standard input, the first JSON
 * value of standard output is the answer. Nothing that a script answers is trusted.
 */
import { environmentText, isList, isMap, jsonText, type Value, type ValueMap } from '../job/values/values.ts';
import { redacted } from '../redact/redact.ts';

/** The scripts of a resource type. */
export type ScriptName = 'check' | 'in' | 'out';

/** A version: texts only. */
export type Version = Readonly<Record<string, string>>;

/** What `in` and `out` answer. */
export interface MadeVersion {
  readonly version: Version;
  readonly metadata: Readonly<Record<string, string>>;
}

/** The bytes of the answer that are read at most. */
export const longestAnswer = 16 * 1024 * 1024;

/** What a script reads: `params` and `version` are absent when there are none. */
export function scriptInput(
  source: ValueMap,
  { params, version }: { readonly params?: ValueMap | undefined; readonly version?: Version | undefined } = {},
): string {
  return jsonText({
    source,
    ...(params !== undefined && Object.keys(params).length > 0 && { params }),
    ...(version !== undefined && { version }),
  });
}

/** A version as a pipeline pins it, as texts; undefined for `latest`, `every` and none. @throws Error for anything else */
export function pinnedVersion(version: Value | undefined): Version | undefined {
  if (version === undefined || version === null || version === 'latest' || version === 'every') return undefined;
  if (!isMap(version)) throw new Error(`the version ${jsonText(version)} is not a mapping of names to texts`);
  return Object.fromEntries(Object.entries(version).map(([key, value]) => [key, environmentText(value)]));
}

/** The versions that `check` answers, oldest first. @throws Error when the answer is not a list of versions */
export function versionsOf(stdout: string): Version[] {
  const answer = firstValue(stdout, 'check');
  if (answer === undefined || answer === null) return [];
  if (!isList(answer)) throw new Error('resource script (/opt/resource/check) gave no list of versions');
  return answer.map((each) => textsOf(each, 'check'));
}

/** What `in` or `out` answers. @throws Error when there is no version in it */
export function madeVersion(stdout: string, script: 'in' | 'out', folder: string): MadeVersion {
  const answer = firstValue(stdout, script);
  const version = isMap(answer) ? answer['version'] : undefined;
  if (version === undefined || version === null) {
    throw new Error(`resource script (/opt/resource/${script} ${folder}) output a null version`);
  }
  const list = isMap(answer) ? answer['metadata'] : undefined;
  const fields = isList(list) ? list.filter(isMap) : [];
  const metadata = fields.flatMap(({ name, value }) =>
    typeof name === 'string' ? [[name, value === undefined ? '' : environmentText(value)] as const] : [],
  );
  return { version: textsOf(version, script), metadata: Object.fromEntries(metadata) };
}

function textsOf(value: Value, script: ScriptName): Version {
  const entries = isMap(value) ? Object.entries(value) : undefined;
  if (entries?.every((entry): entry is [string, string] => typeof entry[1] === 'string')) {
    // What is hidden in the output of a run is hidden from us, too.
    const hidden = entries.find(([, text]) => text.includes(redacted));
    if (hidden !== undefined) {
      throw new Error(
        `resource script (/opt/resource/${script}) gave a version whose ${hidden[0]} holds a secret of the source: such a version cannot be used`,
      );
    }
    return Object.fromEntries(entries);
  }
  throw new Error(`resource script (/opt/resource/${script}) gave a version that is not a mapping of names to texts`);
}

/** The first JSON value of an output; undefined when there is nothing. What comes after it is not read. */
function firstValue(stdout: string, script: ScriptName): Value | undefined {
  const text = stdout.trim();
  if (text === '') return undefined;
  const whole = text.slice(0, endOfValue(text));
  try {
    return JSON.parse(whole) as Value;
  } catch {
    throw new Error(`resource script (/opt/resource/${script}) wrote no JSON to its standard output`);
  }
}

/** Where the object or list that a text begins with ends; the text's own end when it begins with something else. */
function endOfValue(text: string): number {
  let depth = 0;
  for (const { 0: token, index } of text.matchAll(/"(?:[^"\\]|\\.)*"|[[\]{}]|[^"[\]{}]+|"/gsu)) {
    if (token === '{' || token === '[') depth += 1;
    if (token === '}' || token === ']') depth -= 1;
    if (depth <= 0) return token === '}' || token === ']' ? index + 1 : text.length;
  }
  return text.length;
}
