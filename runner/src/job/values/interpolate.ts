/** Puts vars into values while a job runs, as upstream's template evaluation does (vars/template.go). */
import { isSingleVar, parseReference, referenceText, varNames, type VarReference } from '#concourse';
import { NumberText, goType, isList, isMap, throughYaml, type NumberType, type Value } from './values.ts';

/** What somebody says to a reference: its value, or undefined when there is none. */
export type FindVar = (reference: VarReference) => Value | undefined;

/**
 * Follows the fields of a reference into a value.
 *
 * @throws Error with upstream's text when there is no such field
 */
export function fieldOf(root: Value, reference: VarReference, numbers?: NumberType): Value {
  // Upstream takes the `.:` of a local var off before it looks, so its messages are without it.
  const name = referenceText({ ...reference, source: reference.source === '.' ? '' : reference.source });
  return reference.fields.reduce<Value>((value, field) => {
    if (!isMap(value)) {
      throw new Error(
        `cannot access field '${field}' of non-map value ('${goType(value, numbers)}') from var: ${name}`,
      );
    }
    const found = Object.hasOwn(value, field) ? value[field] : undefined;
    if (found === undefined) throw new Error(`missing field '${field}' in var: ${name}`);
    return found;
  }, root);
}

function insideText(value: Value): string | undefined {
  if (typeof value === 'string') return value;
  if (value instanceof NumberText) return value.text;
  return typeof value === 'number' ? String(value) : undefined;
}

class Interpolation {
  readonly missing = new Set<string>();
  readonly #find: FindVar;
  readonly #numbers: NumberType | undefined;

  constructor(find: FindVar, numbers?: NumberType) {
    this.#find = find;
    this.#numbers = numbers;
  }

  value(value: Value): Value {
    if (typeof value === 'string') return this.#text(value);
    if (isList(value)) return value.map((item) => this.value(item));
    if (isMap(value)) {
      return Object.fromEntries(
        Object.entries(value).map(([key, item]) => {
          const given = this.#text(key);
          const name = typeof given === 'boolean' ? String(given) : insideText(given);
          if (name === undefined) throw new Error(`the value of the variable in the key ${key} cannot be a key`);
          return [name, this.value(item)];
        }),
      );
    }
    return value;
  }

  #text(text: string): Value {
    let result = text;
    for (const name of varNames(text)) {
      const parsed = parseReference(name);
      if (!parsed.ok) throw new Error(parsed.message);
      const found = this.#find(parsed.reference);
      if (found === undefined) {
        this.missing.add(referenceText(parsed.reference));
        continue;
      }
      if (isSingleVar(result)) return throughYaml(found);
      const inside = insideText(found);
      const type = goType(found, this.#numbers);
      // Upstream puts no double into a text, also when it is a whole number.
      if (inside === undefined || type === 'float64') {
        throw new Error(`cannot interpolate non-primitive value (${type}) from var: ${name}`);
      }
      result = result.replaceAll(`((${name}))`, () => inside);
    }
    return result;
  }
}

/**
 * Puts in the vars that are found and leaves the others as they are.
 *
 * @param numbers what the numbers among the values of the vars are for Go
 */
export function interpolateSome(value: Value, find: FindVar, numbers?: NumberType): Value {
  return new Interpolation(find, numbers).value(value);
}

/**
 * Puts in all vars.
 *
 * @throws Error `undefined vars: …` when one is not found
 */
export function interpolateAll(value: Value, find: FindVar): Value {
  const interpolation = new Interpolation(find);
  const result = interpolation.value(value);
  if (interpolation.missing.size > 0) {
    throw new Error(`undefined vars: ${[...interpolation.missing].sort().join(', ')}`);
  }
  return result;
}
