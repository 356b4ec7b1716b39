/** Values as Go's encoding/json writes and reads them after sigs.k8s.io/yaml turned YAML into JSON. */
import { isFloat, numberText } from '../yaml/go-scalar.ts';
import type { TaskNode } from '../yaml/nodes.ts';
import type { JsonValue } from '../task/config.ts';

/** Orders strings by their UTF-8 bytes, as Go sorts map keys. */
export function compareBytes(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index++) {
    const left = a.charCodeAt(index);
    const right = b.charCodeAt(index);
    if (left === right) continue;
    // Surrogates stand for code points above all others.
    const high = (unit: number): number => (unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit);
    return high(left) - high(right);
  }
  return a.length - b.length;
}

const HTML_ESCAPES = /[<>&\u2028\u2029]/g;

function jsonString(text: string): string {
  return JSON.stringify(text).replace(
    HTML_ESCAPES,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Compact JSON of a node as `json.Marshal` writes it: sorted keys, `<`, `>` and `&` escaped, numbers as they are. */
export function goJson(node: TaskNode): string {
  switch (node.kind) {
    case 'scalar': {
      const value = node.value;
      if (value === null || typeof value === 'boolean') return String(value);
      return typeof value === 'string' ? jsonString(value) : numberText(value);
    }
    case 'list':
      return `[${node.items.map(goJson).join(',')}]`;
    case 'map': {
      const members = new Map(node.entries.map((entry) => [entry.name, entry.value]));
      const sorted = [...members].sort(([a], [b]) => compareBytes(a, b));
      return `{${sorted.map(([name, value]) => `${jsonString(name)}:${goJson(value)}`).join(',')}}`;
    }
  }
}

/** A node decoded into Go's `any`: numbers become float64. */
export function toJsonValue(node: TaskNode): JsonValue {
  switch (node.kind) {
    case 'scalar': {
      const value = node.value;
      if (typeof value === 'bigint') return Number(value);
      return isFloat(value) ? value.float : value;
    }
    case 'list':
      return node.items.map(toJsonValue);
    case 'map':
      return Object.fromEntries(node.entries.map((entry) => [entry.name, toJsonValue(entry.value)]));
  }
}
