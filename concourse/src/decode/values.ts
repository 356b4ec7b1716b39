/** Values that Concourse decodes with code of its own: limits, cache lifetimes, environment. */
import { parseDuration } from '../text/duration.ts';
import { UINT64_MAX, isFloat } from '../yaml/go-scalar.ts';
import { goJson } from './json.ts';
import type { MapNode, TaskNode } from '../yaml/nodes.ts';
import type { Problems, TaskPath } from '../text/problem.ts';
import type { FieldType } from '../schema/types.ts';
import type { Target } from '../task/config.ts';
import { reportWrongType, variableAdvice } from './messages.ts';

/** Go's conversion of a float64 to uint64 on amd64: it cuts decimals off, negatives wrap, overflow is 2^63. */
function toUint64(value: number): bigint {
  const whole = BigInt(Math.trunc(value));
  if (whole > UINT64_MAX || whole < -(2n ** 63n)) return 2n ** 63n;
  return BigInt.asUintN(64, whole);
}

function numberOf(node: TaskNode): number | undefined {
  if (node.kind !== 'scalar') return undefined;
  if (typeof node.value === 'bigint') return Number(node.value);
  return isFloat(node.value) && Number.isFinite(node.value.float) ? node.value.float : undefined;
}

function limitNumber(problems: Problems, node: TaskNode, value: number, path: TaskPath, unit: string): bigint {
  const result = toUint64(value);
  if (value < 0 || value > Number(UINT64_MAX)) {
    problems.add(
      'warning',
      'limit-wraps',
      node.range,
      `A number outside 0 to 2^64 wraps around: Concourse takes it as ${result} ${unit}. Write a positive number; 0 means unlimited.`,
      { path, becomes: result.toString() },
    );
  } else if (!Number.isInteger(value)) {
    problems.add(
      'warning',
      'limit-truncated',
      node.range,
      `Concourse cuts the decimals off: this is ${result} ${unit}. Write a whole number.`,
      { path, replacement: result.toString(), becomes: result.toString() },
    );
  }
  return result;
}

/** `container_limits.cpu`; undefined after an error. */
export function decodeCpu(problems: Problems, node: TaskNode, path: TaskPath): bigint | undefined {
  const value = numberOf(node);
  if (value !== undefined) return limitNumber(problems, node, value, path, 'shares');
  problems.add(
    'error',
    'invalid-cpu-limit',
    node.range,
    `container_limits.cpu must be a whole number of CPU shares without unit or quotes (Concourse: cpu limit must be an integer).${variableAdvice(node)}`,
    { path },
  );
  return undefined;
}

// Letter case does not matter; in Go's folding the Kelvin sign is a K too, but then no unit.
const MEMORY = /^([0-9]+)(?:([KMG])i?B?)?$/iu;
const MEMORY_UNITS: Readonly<Record<string, bigint>> = { K: 1n << 10n, M: 1n << 20n, G: 1n << 30n };

/**
 * Bytes of a memory limit as Concourse writes it: `512`, `1K`, `20MB`, `1GiB`.
 *
 * @returns bytes (modulo 2^64, as Go multiplies); undefined when the text is no limit
 */
export function parseMemory(text: string): bigint | undefined {
  const match = MEMORY.exec(text);
  if (!match?.[1]) return undefined;
  // No uint64 has more than 20 digits once leading zeros are gone.
  const digits = match[1].replace(/^0+(?=\d)/, '');
  if (digits.length > 20 || BigInt(digits) > UINT64_MAX) return undefined;
  const unit = MEMORY_UNITS[match[2]?.toUpperCase() ?? ''] ?? 1n;
  return BigInt.asUintN(64, BigInt(digits) * unit);
}

/** `container_limits.memory`; undefined after an error. */
export function decodeMemory(problems: Problems, node: TaskNode, path: TaskPath): bigint | undefined {
  const value = numberOf(node);
  if (value !== undefined) return limitNumber(problems, node, value, path, 'bytes');
  if (node.kind === 'scalar' && typeof node.value === 'string') {
    const bytes = parseMemory(node.value);
    if (bytes !== undefined) return bytes;
    problems.add(
      'error',
      'invalid-memory-limit',
      node.range,
      `container_limits.memory must be a number of bytes, or a whole number followed at once by K, M or G (KB, MiB … too) (Concourse: could not parse container memory limit).${variableAdvice(node) || ' Decimals, blanks, T and a lone B are not read.'}`,
      { path },
    );
    return undefined;
  }
  problems.add(
    'warning',
    'limit-ignored',
    node.range,
    'Concourse takes a memory limit that is neither number nor text as 0, which means unlimited. Write bytes, or a text such as 1GB.',
    { path, becomes: '0' },
  );
  return 0n;
}

/** `caches[].ttl`; undefined after an error. */
export function decodeDuration(
  problems: Problems,
  type: FieldType,
  node: TaskNode,
  path: TaskPath,
  target: Target,
): string | undefined {
  if (node.kind !== 'scalar' || typeof node.value !== 'string') {
    reportWrongType(problems, type, node, path, target);
    return undefined;
  }
  const text = node.value;
  if (text === '') return text;
  const parsed = parseDuration(text);
  if (!parsed.ok) {
    problems.add(
      'error',
      'invalid-cache-ttl',
      node.range,
      `Invalid cache ttl '${text}': ${parsed.message}.${variableAdvice(node) || ' Write numbers with the units h, m, s, ms, us or ns, e.g. 24h or 1h30m.'}`,
      { path },
    );
    return undefined;
  }
  if (parsed.nanoseconds < 1_000_000_000n) {
    problems.add(
      'error',
      'invalid-cache-ttl',
      node.range,
      `The cache ttl must be at least 1s, got '${text}'. Leave ttl out to keep the cache for good.`,
      { path },
    );
    return undefined;
  }
  return text;
}

/** `params`: every value becomes a string as in atc's `CoercedString`. */
export function decodeEnv(problems: Problems, node: MapNode): Record<string, string> {
  const values = new Map<string, string>();
  for (const { name, key, value } of node.entries) {
    if (key.plain && key.text !== name) {
      problems.add(
        'warning',
        'yaml-key-changes',
        key.range,
        `YAML 1.1 reads this plain key as a ${typeof key.value === 'boolean' ? 'boolean' : 'number'}: the variable will be called '${name}'. Quote the key.`,
        { path: ['params', name], replacement: JSON.stringify(key.text), becomes: name },
      );
    }
    if (value.kind !== 'scalar') {
      values.set(name, goJson(value));
      continue;
    }
    const text = value.value === null ? '' : typeof value.value === 'string' ? value.value : goJson(value);
    values.set(name, text);
    // What is no JSON at all is reported as such.
    const finite = !isFloat(value.value) || Number.isFinite(value.value.float);
    const changes = typeof value.value !== 'string' && value.value !== null && text !== value.text;
    if (value.plain && finite && changes) {
      problems.add(
        'warning',
        'yaml-value-changes',
        value.range,
        `YAML 1.1 reads this plain value as a ${typeof value.value === 'boolean' ? 'boolean' : 'number'}: the variable gets the text '${text}'. Quote the value to keep it as written.`,
        { path: ['params', name], replacement: JSON.stringify(value.text), becomes: text },
      );
    }
  }
  return Object.fromEntries(values);
}
