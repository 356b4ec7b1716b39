/** What the schema says about a place of a task. */
import {
  type CustomType,
  type Field,
  fieldNamed,
  type FieldType,
  IMAGE_PARAM_KEYS,
  IMAGE_SOURCE_KEYS,
  IMAGE_VERSION_KEYS,
  type ObjectType,
  type SourceKey,
  TASK,
  type TaskPath,
} from '#concourse';

/** The type of a value, and the key it belongs to. */
export interface SchemaPlace {
  readonly type: FieldType;
  /** Of an item of a list: the key of the list. Absent at the root. */
  readonly field?: Field;
}

const ANY: FieldType = { kind: 'any' };
const BOOLEANS = [
  { value: 'true', documentation: 'Yes.' },
  { value: 'false', documentation: 'No.' },
];

/** The keys of an image resource as an object type, so that completion and hover read one kind of table. */
export function objectOf(name: string, keys: readonly SourceKey[]): ObjectType {
  return { kind: 'object', name, isolated: true, fields: keys.map(fieldOf) };
}

function fieldOf(source: SourceKey): Field {
  const { key, documentation, required, values, deprecated } = source;
  const inner: FieldType = source.keys
    ? objectOf(key, source.keys)
    : source.boolean
      ? { kind: 'boolean' }
      : source.text || source.list
        ? { kind: 'string' }
        : ANY;
  const known = values ?? (source.boolean ? BOOLEANS : undefined);
  return {
    key,
    documentation,
    type: source.list ? { kind: 'list', of: inner } : inner,
    ...(required ? { required } : {}),
    ...(known ? { values: known } : {}),
    ...(deprecated === undefined ? {} : { deprecated }),
  };
}

const SOURCES: ReadonlyMap<string, ObjectType> = new Map(
  Object.entries(IMAGE_SOURCE_KEYS).map(([type, keys]) => [type, objectOf(`source of ${type}`, keys)]),
);
const VERSION = objectOf('version', IMAGE_VERSION_KEYS);
const PARAMS = objectOf('image params', IMAGE_PARAM_KEYS);

/** What `image_resource` holds below a key whose shape depends on the resource type. */
export function imagePart(key: string, imageType: string | undefined): ObjectType | undefined {
  if (key === 'source') return SOURCES.get(imageType ?? 'registry-image');
  if (imageType !== undefined && imageType !== 'registry-image' && imageType !== 'docker-image') return undefined;
  return key === 'version' ? VERSION : key === 'params' ? PARAMS : undefined;
}

/**
 * The schema at a path of a task; undefined where it knows nothing.
 *
 * @param imageType type of the image resource, which decides about `image_resource.source`; undefined: not written yet
 */
export function schemaAt(path: TaskPath, imageType: string | undefined): SchemaPlace | undefined {
  let place: SchemaPlace = { type: TASK };
  for (const [index, part] of path.entries()) {
    const { type } = place;
    if (type.kind === 'object' && typeof part === 'string') {
      const field = fieldNamed(type, part);
      if (!field) return undefined;
      const special = type.name === 'image_resource' ? imagePart(field.key, imageType) : undefined;
      place = { type: special ?? field.type, field };
    } else if (type.kind === 'list' && typeof part === 'number') {
      place = { ...place, type: type.of };
    } else if ((type.kind === 'map' || type.kind === 'env') && typeof part === 'string') {
      place = { type: type.kind === 'map' ? type.of : ANY };
    } else if (type.kind === 'any' && index > 0) {
      place = { type: ANY };
    } else {
      return undefined;
    }
  }
  return place;
}

/** How a type is called in completion and hover. */
export function typeName(type: FieldType): string {
  switch (type.kind) {
    case 'string':
      return 'text';
    case 'boolean':
      return 'boolean';
    case 'any':
      return 'any value';
    case 'env':
      return 'mapping of environment variables';
    case 'cpu':
      return 'number';
    case 'memory':
      return 'bytes, or a text such as 1GB';
    case 'duration':
      return 'duration';
    case 'integer':
      return 'whole number';
    case 'list':
      return type.of.kind === 'object' ? 'list of mappings' : `list of ${typeName(type.of)}s`;
    case 'map':
    case 'object':
      return 'mapping';
    case 'custom':
      return CUSTOM_NAMES[type.name];
  }
}

/** Values of pipelines that have a shape of their own. */
const CUSTOM_NAMES: Readonly<Record<CustomType, string>> = {
  step: 'step',
  parallel: 'list of steps, or a mapping with steps',
  version: 'latest, every or a version',
  inputs: 'all, detect or a list of artifacts',
  'max-in-flight': 'number, or all',
  'check-every': 'duration, or never',
  attempts: 'number from 1',
};
