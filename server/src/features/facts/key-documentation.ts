/** What completion and hover tell about a key of the schema. */
import { RESOURCE_FACTS, type Field } from '#concourse';
import { typeName, type SchemaPlace } from './schema-at.ts';

/** A public page about something. */
export interface Page {
  readonly title: string;
  readonly url: string;
}

const TASK_PAGE: Page = { title: 'Concourse: tasks', url: 'https://concourse-ci.org/docs/tasks/' };

/** The page about tasks; of keys of a resource type the one about that type. */
export function pageOfTask(resourceType?: string): Page {
  return (resourceType === undefined ? undefined : pageOfType(resourceType)) ?? TASK_PAGE;
}

/** The page about a core resource type. */
export function pageOfType(resourceType: string): Page | undefined {
  const page = RESOURCE_FACTS.get(resourceType)?.page;
  return page === undefined ? undefined : { title: resourceType, url: page };
}

/** In a few words: the type, and whether the key must be there. */
export function keyDetail({ type, field }: Required<SchemaPlace>): string {
  return `${typeName(type)}${field.required ? ', required' : ''}`;
}

/** Markdown: what a key is for, since when, why not to use it, where to read on. */
export function keyDocumentation(field: Field, { title, url }: Page = TASK_PAGE): string {
  const parts = [field.documentation];
  if (field.deprecated !== undefined) parts.push(`**Deprecated.** ${field.deprecated}`);
  if (field.since === 'next') parts.push('Only in the development version of Concourse.');
  else if (field.since !== undefined) parts.push(`Since Concourse ${field.since}.`);
  if (field.extension) return parts.join('\n\n');
  parts.push(`[${title}](${url})`);
  return parts.join('\n\n');
}
