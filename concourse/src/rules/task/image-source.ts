/** Rules about `image_resource.source`, by resource type. */
import { isFloat, numberText } from '../../yaml/go-scalar.ts';
import type { MapEntry } from '../../yaml/nodes.ts';
import { IMAGE_SOURCE_KEYS, type SourceKey } from '../../schema/image.ts';
import { didYouMean } from '../../text/suggest.ts';
import type { Rule, RuleContext } from '../rule.ts';
import { entriesOf, entryAt, hasVar } from '../tree.ts';

const RESOURCES =
  'Source: the README of each resource, e.g. [registry-image](https://github.com/concourse/registry-image-resource#source-configuration).';

interface ImageSource {
  readonly type: string;
  readonly keys: readonly SourceKey[];
  /** The entry `image_resource`. */
  readonly image: MapEntry;
  /** The entry `source`. */
  readonly source: MapEntry | undefined;
}

function imageSource({ document }: RuleContext): ImageSource | undefined {
  const image = entryAt(document.root, 'image_resource');
  const type = document.config.image_resource?.type ?? '';
  const keys = Object.hasOwn(IMAGE_SOURCE_KEYS, type) ? IMAGE_SOURCE_KEYS[type] : undefined;
  if (!image || !keys) return undefined;
  return { type, keys, image, source: entryAt(image.value, 'source') };
}

/** Keys of the source with what is wrong about them: each missing key is meant by at most one unknown one. */
function unknownKeys({ keys, source }: ImageSource): { entry: MapEntry; meant: string | undefined }[] {
  const entries = entriesOf(source?.value);
  const known = new Set(keys.map(({ key }) => key));
  const free = new Set(known);
  for (const { name } of entries) free.delete(name);
  return entries
    .filter(({ name }) => !known.has(name) && !hasVar(name))
    .map((entry) => {
      const meant = didYouMean(entry.name, free);
      if (meant !== undefined) free.delete(meant);
      return { entry, meant };
    });
}

function checkMissing(context: RuleContext): void {
  const found = imageSource(context);
  if (!found) return;
  const { keys, image, source } = found;
  if (source && source.value.kind !== 'map' && !(source.value.kind === 'scalar' && source.value.value === null)) return;
  const misspelled = new Set(unknownKeys(found).map(({ meant }) => meant));
  const misplaced = new Set(entriesOf(image.value).map(({ name }) => name));
  for (const { key, required } of keys) {
    // A misspelled or misplaced key has been reported as such.
    if (!required || misspelled.has(key) || misplaced.has(key) || (source && entryAt(source.value, key))) continue;
    const message = source
      ? `The image has no ${key}, so the run fails when it is fetched. Add '${key}:' under source.`
      : `The image has no source, so the run fails when it is fetched. Add 'source:' with '${key}:' in it.`;
    const data = { path: ['image_resource', 'source', key], key: source ? key : 'source' };
    context.report((source ?? image).key.range, message, { data });
  }
}

function checkUnknown(context: RuleContext): void {
  const found = imageSource(context);
  if (!found) return;
  const strict = found.type === 'registry-image';
  for (const { entry, meant } of unknownKeys(found)) {
    const advice = meant === undefined ? 'Remove it.' : `Did you mean '${meant}'?`;
    const consequence = strict ? 'and fails when the image is fetched' : 'and ignores it';
    const message = `${found.type} does not know the source key '${entry.name}' ${consequence}. ${advice}`;
    const path = ['image_resource', 'source', entry.name];
    const data = { path, key: entry.name, suggestion: meant, replacement: meant };
    const needed = found.keys.some(({ key, required }) => key === meant && required);
    context.report(entry.key.range, message, { data, ...(strict || needed ? {} : { severity: 'hint' }) });
  }
}

/**
 * Numbers where the resource wants a text, whose digits are lost: the part of `yaml-value-changes` that concerns images.
 */
export function checkSourceText(context: RuleContext): void {
  const found = imageSource(context);
  for (const entry of entriesOf(found?.source?.value)) {
    const { value } = entry;
    if (value.kind !== 'scalar' || !value.plain) continue;
    if (typeof value.value !== 'bigint' && !isFloat(value.value)) continue;
    if (!found?.keys.some(({ key, text }) => text && key === entry.name)) continue;
    if (isFloat(value.value) && !Number.isFinite(value.value.float)) continue;
    const becomes = numberText(value.value);
    if (becomes === value.text) continue;
    const message = `YAML reads this as the number ${becomes}, so the ${entry.name} is '${becomes}'. Quote it to keep it as written.`;
    const data = { path: ['image_resource', 'source', entry.name], replacement: JSON.stringify(value.text), becomes };
    context.report(value.range, message, { data });
  }
}

/** Keys of the source that are missing or unknown. */
export const IMAGE_SOURCE_RULES: readonly Rule[] = [
  {
    id: 'image-source-missing',
    group: 'image',
    severity: 'warning',
    title: 'The image has no repository',
    documentation: `\`registry-image\` and \`docker-image\` need \`source.repository\`. Concourse does not check it: the run fails when the image is fetched.\n\n${RESOURCES}`,
    example: 'platform: linux\nimage_resource:\n  type: registry-image\nrun: {path: make}\n',
    fixable: true,
    check: checkMissing,
  },
  {
    id: 'image-source-unknown',
    group: 'image',
    severity: 'warning',
    title: 'A source key that the resource does not know',
    documentation: `\`registry-image\` rejects unknown source keys when it runs (\`invalid payload: json: unknown field\`). Other resource types ignore them: there it is a **hint**.\n\n${RESOURCES}`,
    example:
      'platform: linux\nimage_resource:\n  type: registry-image\n  source: {repository: busybox, tagg: "1"}\nrun: {path: make}\n',
    fixable: true,
    check: checkUnknown,
  },
];
