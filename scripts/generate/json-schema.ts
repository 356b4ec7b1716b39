/** The JSON Schema of task files for other editors and tools, made from the schema table. */
import prettier from 'prettier';
import { type Field, type FieldType, IMAGE_SOURCE_KEYS, type ObjectType, TASK } from '#concourse';

/** A schema or a part of one. */
export type JsonSchema = Record<string, unknown>;

/** Stands for any value; Concourse puts another one in its place. */
const VARIABLE = { $ref: '#/definitions/variable' };

/** A size as Concourse reads it; letters in either case, which JSON Schema's patterns have no flag for. */
const SIZE = '^[0-9]+([kKmMgG][iI]?[bB]?)?$';
/** Numbers with Go's units. */
const DURATION =
  '^(\\+?([0-9]+(\\.[0-9]*)?|\\.[0-9]+)(ns|us|µs|μs|ms|s|m|h))(([0-9]+(\\.[0-9]*)?|\\.[0-9]+)(ns|us|µs|μs|ms|s|m|h))*$|^$';

/** A value that may be left empty: YAML's null is as good as none. */
function typed(type: string, more: JsonSchema = {}): JsonSchema {
  return { type: [type, 'null'], ...more };
}

function ofType(type: FieldType): JsonSchema {
  switch (type.kind) {
    case 'any':
      return {};
    case 'string':
      return typed('string');
    case 'boolean':
      return { anyOf: [typed('boolean'), VARIABLE] };
    case 'integer':
      return typed('integer');
    case 'cpu':
      return { anyOf: [typed('number'), VARIABLE] };
    case 'memory':
      return { anyOf: [typed('number'), { type: 'string', pattern: SIZE }, VARIABLE] };
    case 'duration':
      return { anyOf: [typed('string', { pattern: DURATION }), VARIABLE] };
    case 'env':
      return { anyOf: [typed('object', { additionalProperties: true }), VARIABLE] };
    case 'list':
      return { anyOf: [typed('array', { items: ofItem(type.of) }), VARIABLE] };
    case 'map':
      return { anyOf: [typed('object', { additionalProperties: ofType(type.of) }), VARIABLE] };
    case 'object':
      return { anyOf: [ofObject(type), VARIABLE] };
    case 'custom':
      throw new TypeError(`a task has no ${type.name}`);
  }
}

/** An entry of a list; a sidecar may also be the path of a file that holds some. */
function ofItem(type: FieldType): JsonSchema {
  if (type.kind !== 'object') return ofType(type);
  // An empty item lacks what is required of it.
  if (type.name !== 'sidecar') {
    const empty = type.fields.every(({ required }) => required !== true);
    return { anyOf: [empty ? ofObject(type) : { ...ofObject(type), type: 'object' }, VARIABLE] };
  }
  return { anyOf: [ofObject(type), { type: 'string', pattern: '^[^/]+/.+' }] };
}

function ofObject(type: ObjectType): JsonSchema {
  const required = type.fields.filter((field) => field.required).map(({ key }) => key);
  const entries = type.fields.map((field): [string, JsonSchema] => [field.key, ofField(type, field)]);
  return typed('object', {
    properties: Object.fromEntries(entries),
    ...(required.length > 0 ? { required } : {}),
    ...(type.name === 'image_resource' ? { allOf: imageSources() } : {}),
  });
}

function ofField(holder: ObjectType, field: Field): JsonSchema {
  const schema = field.required ? withoutNull(ofType(field.type)) : ofType(field.type);
  // Known values are offered and not demanded: a platform is the name of any worker.
  const examples = field.values?.map(({ value }) => (field.type.kind === 'boolean' ? value === 'true' : value));
  const since = field.since === undefined ? '' : ` Since Concourse ${field.since}.`;
  const description = `${field.deprecated === undefined ? '' : `Deprecated: ${field.deprecated} `}${field.documentation}${since}`;
  return {
    description: description.replaceAll('**', '').replaceAll('`', ''),
    markdownDescription: description,
    ...(field.deprecated === undefined ? {} : { deprecationMessage: field.deprecated }),
    ...(examples ? { examples } : {}),
    ...(holder === TASK && field.extension ? { 'x-tarmac-extension': true } : {}),
    ...schema,
  };
}

/** A required text must be there and hold something. */
function withoutNull(schema: JsonSchema): JsonSchema {
  const { type } = schema;
  return Array.isArray(type) && type[0] === 'string' ? { ...schema, type: 'string', minLength: 1 } : schema;
}

/** What `source` takes, by the type of the image resource. Unknown keys are left to the resource. */
function imageSources(): JsonSchema[] {
  return Object.entries(IMAGE_SOURCE_KEYS).map(([type, keys]) => {
    const properties = Object.fromEntries(
      keys.map(({ key, documentation }): [string, JsonSchema] => [
        key,
        { description: documentation.replaceAll('`', ''), markdownDescription: documentation },
      ]),
    );
    return {
      if: { properties: { type: { const: type } }, required: ['type'] },
      then: { properties: { source: { properties } } },
    };
  });
}

/**
 * The schema (draft-07). It takes what Concourse 8.1 and later takes, and Tarmac's own keys, which are marked with
 * `x-tarmac-extension`. Unknown keys are rejected at the top level only, as Concourse does.
 */
export function taskJsonSchema(): JsonSchema {
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Concourse task',
    description: 'Configuration of a task of Concourse CI: what `fly execute --config` and a step’s `file:` read.',
    ...ofObject(TASK),
    type: 'object',
    additionalProperties: false,
    definitions: {
      variable: {
        title: 'Variable',
        description: 'A ((variable)), replaced before the task is read.',
        type: 'string',
        pattern: '^\\(\\(.+\\)\\)$',
      },
    },
  };
}

/** The text of `schemas/concourse-task.schema.json`. */
export async function jsonSchemaText(): Promise<string> {
  const path = 'schemas/concourse-task.schema.json';
  const options = (await prettier.resolveConfig(path)) ?? {};
  return prettier.format(JSON.stringify(taskJsonSchema()), { ...options, filepath: path });
}
