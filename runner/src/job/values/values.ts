/** The values that flow through a job: JSON, where a number keeps the digits that it was written with. */

/** A number whose text says more than a double can: `1234567890123456789`, `1.50`. */
export class NumberText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** Any value of a plan, of a var or of params. */
export type Value = null | boolean | number | string | NumberText | readonly Value[] | ValueMap;

/** A mapping of values. */
export interface ValueMap {
  readonly [key: string]: Value;
}

/** True for a mapping. */
export function isMap(value: Value | undefined): value is ValueMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof NumberText);
}

/** True for a list. */
export function isList(value: Value | undefined): value is readonly Value[] {
  return Array.isArray(value);
}

type Reviver = (this: unknown, key: string, value: unknown, context?: { readonly source?: string }) => unknown;

const parse = JSON.parse as (text: string, reviver: Reviver) => Value;

/**
 * Reads JSON without losing a digit.
 *
 * @throws SyntaxError when the text is no JSON
 */
export function parseJson(text: string): Value {
  return parse(text, (_key, value, context) => {
    // Node 20 hands no context over: long numbers lose digits there.
    const source = context?.source;
    return typeof value === 'number' && source !== undefined && String(value) !== source
      ? new NumberText(source)
      : value;
  });
}

/** A value as Go reads it after a pass through YAML: whole numbers keep their digits, others become doubles. */
export function throughYaml(value: Value): Value {
  if (value instanceof NumberText) {
    if (/^-?\d+$/.test(value.text)) {
      const whole = BigInt(value.text);
      if (whole >= -(2n ** 63n) && whole < 2n ** 64n) {
        return Number.isSafeInteger(Number(whole)) ? Number(whole) : new NumberText(whole.toString());
      }
    }
    return Number(value.text);
  }
  if (isList(value)) return value.map(throughYaml);
  return isMap(value) ? mapValues(value, throughYaml) : value;
}

/** A value as Go decodes it where its type is open, such as params and sources: every number is a double. */
export function asDoubles(value: Value): Value {
  if (value instanceof NumberText) return Number(value.text);
  if (isList(value)) return value.map(asDoubles);
  return isMap(value) ? mapValues(value, asDoubles) : value;
}

/** A text without white space around it, as Go's `strings.TrimSpace` says what that is: not a byte order mark. */
export function trimSpace(text: string): string {
  return text.replaceAll(/^\p{White_Space}+|\p{White_Space}+$/gu, '');
}

/** A mapping with each of its values changed. */
export function mapValues(map: ValueMap, change: (value: Value) => Value): ValueMap {
  return Object.fromEntries(Object.entries(map).map(([key, value]) => [key, change(value)]));
}

const HTML_ESCAPES = /[<>&\u2028\u2029]/g;

function quoted(text: string, html: boolean): string {
  const json = JSON.stringify(text);
  if (!html) return json;
  return json.replace(HTML_ESCAPES, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function write(value: Value, html: boolean, sorted: boolean): string {
  if (value instanceof NumberText) return value.text;
  if (typeof value === 'string') return quoted(value, html);
  if (isList(value)) return `[${value.map((item) => write(item, html, sorted)).join(',')}]`;
  if (isMap(value)) {
    const members = Object.entries(value);
    if (sorted) members.sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${members.map(([key, item]) => `${quoted(key, html)}:${write(item, html, sorted)}`).join(',')}}`;
  }
  return String(value);
}

/** The JSON text of a value, its keys in the order in which they are. */
export function jsonText(value: Value): string {
  return write(value, false, false);
}

/** The JSON text of a value as Go's encoding/json writes it: keys sorted, `<`, `>` and `&` escaped. */
export function goJsonText(value: Value): string {
  return write(value, true, true);
}

/** A value as a text of a task's environment: Concourse writes what is no text as JSON, and null as nothing. */
export function environmentText(value: Value): string {
  if (typeof value === 'string') return value;
  return value === null ? '' : goJsonText(value);
}

/** Go's name of a number's type: of a local var, and of what `vars` of a task step give. */
export type NumberType = 'json.Number' | 'float64';

/** Go's name of a value's type (`%T`). */
export function goType(value: Value, numbers: NumberType = 'json.Number'): string {
  if (value === null) return '<nil>';
  if (isList(value)) return '[]interface {}';
  if (isMap(value)) return 'map[string]interface {}';
  if (typeof value === 'boolean') return 'bool';
  return typeof value === 'string' ? 'string' : numbers;
}

/** The texts in values, however deep: of those that must not be shown each is to be hidden wherever it comes up. */
export function textsIn(values: readonly Value[]): string[] {
  return values.flatMap((value) => {
    if (isList(value)) return textsIn(value);
    return isMap(value) ? textsIn(Object.values(value)) : [environmentText(value)];
  });
}
