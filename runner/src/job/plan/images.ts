/** Gets that are only used as the image of tasks: their image is a reference, and no resource has to fetch it. */
import { resolveImage, type JsonObject } from '#concourse';
import { leavesOf, type GetNode, type PlanNode } from './plan.ts';
import { neededBy, type JobFacts } from './needs.ts';
import { isMap, jsonText } from '../values/values.ts';

/** The names of gets that a job uses as an image and, as far as it is known, for nothing else. */
export function imageGets(root: PlanNode, facts: JobFacts): Set<string> {
  const leaves = leavesOf(root);
  const images = new Set(
    leaves.flatMap((leaf) => (leaf.kind === 'task' && leaf.image !== undefined ? [leaf.image] : [])),
  );
  for (const leaf of leaves) {
    const needs = neededBy(leaf, facts);
    // A task's image is among what it needs, once; a second time it is an input.
    for (const name of needs) {
      const asImage = leaf.kind === 'task' && leaf.image === name ? 1 : 0;
      if (needs.filter((each) => each === name).length > asImage) images.delete(name);
    }
    if (leaf.kind !== 'put') continue;
    const texts = jsonText(leaf.params ?? {});
    for (const name of images) if (leaf.inputs === 'all' || texts.includes(name)) images.delete(name);
  }
  return images;
}

/** The image of a get of a registry, or why it is not known without asking the resource. */
export function imageOfGet(
  get: Pick<GetNode, 'name' | 'type' | 'source' | 'version'>,
): { readonly reference: string } | { readonly unknown: string } {
  const version = isMap(get.version) ? (get.version as Readonly<Record<string, string>>) : undefined;
  const source = JSON.parse(jsonText(get.source)) as JsonObject;
  if ('aws_access_key_id' in source || 'aws_region' in source) {
    return {
      unknown: `the address of an image in ECR is not in its source: give the whole reference with -i ${get.name}=image:REFERENCE.`,
    };
  }
  const resolved = resolveImage({
    run: { path: '' },
    image_resource: { name: get.name, type: get.type, source, ...(version && { version }) },
  });
  return 'unresolved' in resolved ? { unknown: resolved.unresolved } : { reference: resolved.reference };
}
