/** What completion and hover tell about a key of the schema. */
import type { Field } from '#concourse';
import { typeName, type SchemaPlace } from './schema-at.ts';

const TASK_DOCS = 'https://concourse-ci.org/docs/tasks/';

/** Public documentation of the `source` of an image, by resource type. */
const SOURCE_DOCS: Readonly<Record<string, string>> = {
  'registry-image': 'https://github.com/concourse/registry-image-resource',
  'docker-image': 'https://github.com/concourse/docker-image-resource',
  mock: 'https://github.com/concourse/mock-resource',
};

/** In a few words: the type, and whether the key must be there. */
export function keyDetail({ type, field }: Required<SchemaPlace>): string {
  return `${typeName(type)}${field.required ? ', required' : ''}`;
}

/** Markdown: what a key is for, since when, why not to use it, where to read on. */
export function keyDocumentation(field: Field, imageType?: string): string {
  const parts = [field.documentation];
  if (field.deprecated !== undefined) parts.push(`**Deprecated.** ${field.deprecated}`);
  if (field.since !== undefined) parts.push(`Since Concourse ${field.since}.`);
  if (field.extension) return parts.join('\n\n');
  const source = imageType === undefined ? undefined : SOURCE_DOCS[imageType];
  parts.push(source === undefined ? `[Concourse: tasks](${TASK_DOCS})` : `[${imageType}](${source})`);
  return parts.join('\n\n');
}
