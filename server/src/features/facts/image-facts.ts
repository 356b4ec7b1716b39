/** The image that a run would pull. */
import { decodeTask, parseImageReference, resolveImage, type TaskConfig } from '#concourse';
import type { FeatureRequest } from './feature.ts';
import { isSecretName } from './secrets.ts';
import { code } from './spelled-out.ts';

/** A reference in full: registry, repository, tag or digest. */
export function fullReference(reference: string): string {
  const parsed = parseImageReference(reference);
  if (!parsed.ok) return reference;
  const { registry, repository, tag, digest } = parsed.image;
  const version = digest !== undefined ? `${tag === undefined ? '' : `:${tag}`}@${digest}` : `:${tag ?? 'latest'}`;
  return `${registry}/${repository}${version}`;
}

/** Markdown paragraphs about the image of a task. */
export function imageFacts(request: FeatureRequest): string[] {
  const image = resolveImage(configWithVars(request));
  if ('unresolved' in image) return [image.unresolved];
  if (holdsSecret(request, image.reference)) {
    return ['The reference holds a variable whose name says that it is a secret.'];
  }
  const facts = [`A run pulls ${code(fullReference(image.reference))}.`];
  const parsed = parseImageReference(image.reference);
  if (parsed.ok && parsed.image.tag === undefined && parsed.image.digest === undefined) {
    facts.push('No tag is given: the default is `latest`.');
  }
  if (image.credentials) facts.push('It logs in with the user and password of the source.');
  return [...facts, ...image.notes];
}

/** Larger files are not read again for the sake of a variable. */
const MAX_LENGTH = 200_000;

/** The task with the values of the configured vars files. */
function configWithVars({ task, environment }: FeatureRequest): TaskConfig {
  const { vars, target } = environment;
  if (!vars || task.vars.length === 0 || task.place !== 'file' || task.text.length > MAX_LENGTH) return task.config;
  return decodeTask(task.text, { target, vars: vars.values, extensions: true }).config;
}

function holdsSecret({ task, environment }: FeatureRequest, reference: string): boolean {
  return task.vars.some((use) => {
    if (!use.reference || ![use.reference.path, ...use.reference.fields].some(isSecretName)) return false;
    const found = environment.vars?.values.lookup(use.reference);
    const text = found?.kind === 'found' && found.node.kind === 'scalar' ? found.node.text : '';
    return text !== '' && reference.includes(text);
  });
}
