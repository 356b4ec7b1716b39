/**
 * Scalars as go-yaml v2 resolves them (gopkg.in/yaml.v2 resolve.go), which is what Concourse reads task files with:
 * YAML 1.1 booleans, no base-60 numbers, Go's integer prefixes. Plus Go's ways to print a number.
 */

/** A scalar after resolution. Integers are `bigint` (int64 or uint64, exact); floats are boxed to keep them apart. */
export type GoScalar = null | boolean | string | bigint | GoFloat;

/** A Go float64. */
export interface GoFloat {
  readonly float: number;
  /** Its digits, where it can stand inside of a text although it is a float64 elsewhere: a `json.Number`. */
  readonly literal?: string;
}

/** True for the float arm of a scalar. */
export function isFloat(value: unknown): value is GoFloat {
  return typeof value === 'object' && value !== null && 'float' in value;
}

/** What a scalar text resolves to, or why go-yaml refuses it. */
export type Resolution =
  { readonly ok: true; readonly value: GoScalar } | { readonly ok: false; readonly message: string };

const TAG_PREFIX = 'tag:yaml.org,2002:';
const TRUE = ['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON'];
const FALSE = ['n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF'];
const NULLS = ['', '~', 'null', 'Null', 'NULL'];

const words = new Map<string, GoScalar>([
  ...TRUE.map((word): [string, GoScalar] => [word, true]),
  ...FALSE.map((word): [string, GoScalar] => [word, false]),
  ...NULLS.map((word): [string, GoScalar] => [word, null]),
  ...['nan', 'NaN', 'NAN'].map((word): [string, GoScalar] => [`.${word}`, { float: NaN }]),
  ...['inf', 'Inf', 'INF'].flatMap((word): [string, GoScalar][] => [
    [`.${word}`, { float: Infinity }],
    [`+.${word}`, { float: Infinity }],
    [`-.${word}`, { float: -Infinity }],
  ]),
]);

const INT64_MIN = -(2n ** 63n);
export const INT64_MAX = 2n ** 63n - 1n;
/** The largest unsigned integer Go keeps exactly. */
export const UINT64_MAX: bigint = 2n ** 64n - 1n;

/** `strconv.ParseInt(text, 0, 64)` falling back to `ParseUint`; undefined when neither accepts the text. */
function parseInteger(text: string): bigint | undefined {
  const match = /^([+-]?)(?:0([xX])([0-9a-fA-F]+)|0([bB])([01]+)|0[oO]?([0-7]+)|(0|[1-9][0-9]*))$/.exec(text);
  if (!match) return undefined;
  const [, sign = '', , hex, , binary, octal, decimal = ''] = match;
  const digits =
    hex !== undefined
      ? `0x${hex}`
      : binary !== undefined
        ? `0b${binary}`
        : octal !== undefined
          ? `0o${octal}`
          : decimal;
  const magnitude = BigInt(digits);
  const value = sign === '-' ? -magnitude : magnitude;
  if (value >= INT64_MIN && value <= INT64_MAX) return value;
  // ParseUint takes no sign, not even a plus.
  return sign === '' && value <= UINT64_MAX ? value : undefined;
}

/** go-yaml's own fallback for `0b` texts: what follows the prefix may carry a sign. */
function parseSignedBinary(text: string): bigint | undefined {
  const match = /^0b([+-])([01]+)$/.exec(text);
  if (!match?.[2]) return undefined;
  const magnitude = BigInt(`0b${match[2]}`);
  const value = match[1] === '-' ? -magnitude : magnitude;
  return value >= INT64_MIN && value <= INT64_MAX ? value : undefined;
}

function finiteFloat(text: string): GoFloat | undefined {
  const value = Number(text);
  // strconv.ParseFloat reports overflow as an error, and go-yaml then keeps the text as a string.
  return Number.isFinite(value) ? { float: value } : undefined;
}

/** True when go-yaml takes the text for one of its four timestamp forms (which then stay text). */
function isTimestamp(text: string): boolean {
  const match =
    /^(\d{4})-(\d{1,2})-(\d{1,2})(?:([Tt ])(\d{1,2}):(\d{1,2}):(\d{1,2})(?:[.,]\d+)?(Z|[+-]\d\d:\d\d)?)?$/.exec(text);
  if (!match) return false;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = [1, 2, 3, 5, 6, 7].map((group) =>
    Number(match[group] ?? 0),
  );
  // Date and time joined by T need a zone; joined by a blank they must not have one.
  if (match[4] !== undefined && (match[4] === ' ') !== (match[8] === undefined)) return false;
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  const days = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1] ?? 0;
  return day >= 1 && day <= days && hour < 24 && minute < 60 && second < 60;
}

type ShortTag = '!!null' | '!!bool' | '!!int' | '!!float' | '!!timestamp' | '!!str';

function resolveUntagged(text: string, tag: string): [ShortTag, GoScalar] {
  const known = words.get(text);
  if (known !== undefined) {
    return [known === null ? '!!null' : typeof known === 'boolean' ? '!!bool' : '!!float', known];
  }
  if (text.startsWith('.')) {
    // Go's own float syntax, which allows an underscore between digits.
    if (/^\.\d+(_\d+)*([eE][+-]?\d+(_\d+)*)?$/.test(text)) {
      const float = finiteFloat(text.replaceAll('_', ''));
      if (float) return ['!!float', float];
    }
  } else if (/^[-+0-9]/.test(text)) {
    if ((tag === '' || tag === '!!timestamp') && isTimestamp(text)) return ['!!timestamp', text];
    const plain = text.replaceAll('_', '');
    const integer = parseInteger(plain);
    if (integer !== undefined) return ['!!int', integer];
    if (/^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$/.test(plain)) {
      const float = finiteFloat(plain);
      if (float) return ['!!float', float];
    }
    const binary = parseSignedBinary(plain);
    if (binary !== undefined) return ['!!int', binary];
  }
  return ['!!str', text];
}

function decodeBase64(text: string): string | undefined {
  // Go's decoder skips line breaks and nothing else.
  const compact = text.replaceAll(/[\r\n]/g, '');
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(compact)) return undefined;
  const bytes = Uint8Array.from(atob(compact), (char) => char.charCodeAt(0));
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
}

/**
 * Resolves one scalar.
 *
 * @param text the scalar's content after folding and unescaping
 * @param tag  the explicit tag in its long form (`tag:yaml.org,2002:int`, `!foo`), or '' for none
 * @param implicit true for a plain scalar without a tag, the only kind whose text is looked at
 */
export function resolveScalar(text: string, tag: string, implicit: boolean): Resolution {
  if (tag === '' && !implicit) return { ok: true, value: text };
  const short = tag.startsWith(TAG_PREFIX) ? `!!${tag.slice(TAG_PREFIX.length)}` : tag;
  switch (short) {
    case '':
      return { ok: true, value: resolveUntagged(text, '')[1] };
    case '!!binary': {
      const decoded = decodeBase64(text);
      if (decoded === undefined) return { ok: false, message: '!!binary value contains invalid base64 data' };
      return { ok: true, value: decoded };
    }
    case '!!bool':
    case '!!int':
    case '!!float':
    case '!!null':
    case '!!timestamp': {
      const [found, value] = resolveUntagged(text, short);
      if (found === short) return { ok: true, value };
      // An int64 may stand where a float is asked for; a uint64 may not.
      if (short === '!!float' && typeof value === 'bigint' && value <= INT64_MAX) {
        return { ok: true, value: { float: Number(value) } };
      }
      return { ok: false, message: `cannot decode ${found} \`${text}\` as a ${short}` };
    }
    default:
      return { ok: true, value: text };
  }
}

/** Shortest decimal digits that give the same float32 (or float64) back, in exponent form. */
function shortestExponential(value: number, bits: 32 | 64): string {
  if (bits === 64) return value.toExponential();
  const target = Math.fround(value);
  for (let digits = 0; digits < 9; digits++) {
    const text = target.toExponential(digits);
    if (Math.fround(Number(text)) === target) return text;
  }
  return target.toExponential();
}

/** Go's `strconv.FormatFloat(value, 'g', -1, bits)`. */
export function formatG(value: number, bits: 32 | 64): string {
  if (Number.isNaN(value)) return 'NaN';
  const rounded = bits === 32 ? Math.fround(value) : value;
  if (!Number.isFinite(rounded)) return rounded > 0 ? '+Inf' : '-Inf';
  if (rounded === 0) return Object.is(rounded, -0) ? '-0' : '0';
  const [mantissa = '', exponentText = '0'] = shortestExponential(rounded, bits).split('e');
  const exponent = Number(exponentText);
  const digits = mantissa.replace(/[-.]/g, '');
  // Of the shortest texts, Go's 'g' takes the exponent form from 1e6 on.
  if (exponent < -4 || exponent >= 6) {
    const sign = exponent < 0 ? '-' : '+';
    return `${mantissa}e${sign}${String(Math.abs(exponent)).padStart(2, '0')}`;
  }
  const sign = rounded < 0 ? '-' : '';
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`;
  if (digits.length <= exponent + 1) return `${sign}${digits.padEnd(exponent + 1, '0')}`;
  return `${sign}${digits.slice(0, exponent + 1)}.${digits.slice(exponent + 1)}`;
}

/**
 * A float after Concourse's template pass, which writes the YAML anew: floats whose text looks like an integer come
 * back as integers (`1.0` is 1).
 */
export function afterTemplatePass(value: GoScalar): GoScalar {
  if (!isFloat(value) || !Number.isFinite(value.float)) return value;
  const text = formatG(value.float, 64);
  return /^-?\d+$/.test(text) ? (parseInteger(text) ?? value) : value;
}

/** A number as encoding/json writes it. */
export function numberText(value: bigint | GoFloat): string {
  return typeof value === 'bigint' ? value.toString() : JSON.stringify(value.float);
}

/**
 * A mapping key as sigs.k8s.io/yaml turns it into a JSON key; undefined where it refuses (null and uint64 keys).
 */
export function keyText(value: GoScalar): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'bigint') return value <= INT64_MAX ? value.toString() : undefined;
  if (value === null) return undefined;
  const text = formatG(value.float, 32);
  return { '+Inf': '.inf', '-Inf': '-.inf', NaN: '.nan' }[text] ?? text;
}

/** How Go names the JSON type of a scalar in its messages. */
export function jsonTypeName(value: GoScalar): 'null' | 'bool' | 'string' | 'number' {
  if (value === null) return 'null';
  if (typeof value === 'boolean') return 'bool';
  return typeof value === 'string' ? 'string' : 'number';
}
