/** Fixes of the image: forms of older Concourse, tags, credentials. */
import { isScalar } from 'yaml';
import { nodeAt, parseImageReference } from '#concourse';
import { replace, type Fix, type FixContext, type FixMaker } from './fix.ts';
import type { OffsetEdit } from './edits.ts';
import { scalarSource, startOf } from './layout.ts';
import { missingImageType, setKey } from './missing.ts';

/** The `source` of registry-image for a reference such as `ghcr.io/me/tool:1.2`; undefined when it has a digest or is none. */
function sourceOf(reference: string): Record<string, string> | undefined {
  const parsed = /^(?<repository>(?:[\w.-]+(?::\d+)?\/)?[\w./-]+?)(?::(?<tag>\w[\w.-]*))?$/.exec(reference)?.groups;
  const repository = parsed?.['repository'];
  const tag = parsed?.['tag'];
  if (repository === undefined || repository === '' || !parseImageReference(reference).ok) return undefined;
  return { repository: scalarSource(repository), ...(tag === undefined ? {} : { tag: tagSource(tag) }) };
}

/** A tag as YAML source; quotes keep `3.10` from becoming a number. */
export function tagSource(tag: string): string {
  return /^[A-Za-z][\w.-]*$/.test(tag) ? scalarSource(tag) : JSON.stringify(tag);
}

/** `docker:///busybox#1.36` or `docker://registry/name` as a reference; undefined for another scheme. */
function dockerReference(uri: string): string | undefined {
  const match = /^docker:\/\/\/?([^/#\s][^#\s]*)(?:#(\S+))?$/.exec(uri);
  if (!match?.[1]) return undefined;
  return match[2] === undefined ? match[1] : `${match[1]}:${match[2]}`;
}

/** `image:` or `rootfs_uri:` with a Docker URI becomes an image_resource. */
export const imageResource: FixMaker = ({ problem, task, layout }) => {
  const entry = layout.entryAt(problem.range.start);
  const value = entry?.pair.value;
  if (!entry || !isScalar(value)) return [];
  const key = layout.text.slice(problem.range.start, problem.range.end);
  const removed = layout.remove(entry);
  const present = task.root.kind === 'map' && task.root.entries.some(({ name }) => name === 'image_resource');
  const others: Fix[] =
    removed.length > 0 ? [{ title: `Remove '${key}'`, edits: removed, ...(present ? { preferred: true } : {}) }] : [];
  const reference = dockerReference(value.source ?? '');
  const source = reference === undefined ? undefined : sourceOf(reference);
  if (present || !source) return others;
  const edits: OffsetEdit[] = [
    {
      range: { start: startOf(entry.pair.key) ?? problem.range.start, end: problem.range.end },
      newText: 'image_resource',
    },
    ...layout.fill(entry, { type: 'registry-image', source }),
  ];
  return [{ title: "Write the image as 'image_resource' of type registry-image", edits, preferred: true }, ...others];
};

/** Source keys that docker-image has and registry-image does not. */
const DOCKER_ONLY = [
  'additional_private_registries',
  'insecure_registries',
  'registry_mirror',
  'ca_certs',
  'client_certs',
  'max_concurrent_downloads',
  'max_concurrent_uploads',
];

/** `type: docker-image` becomes `registry-image`, when its source says the same there. */
export const dockerImage: FixMaker = ({ task }) => {
  const type = nodeAt(task.root, ['image_resource', 'type']);
  const source = nodeAt(task.root, ['image_resource', 'source']);
  const params = nodeAt(task.root, ['image_resource', 'params']);
  if (!type || (params?.kind === 'map' && params.entries.length > 0)) return [];
  if (source?.kind === 'map' && source.entries.some(({ name }) => DOCKER_ONLY.includes(name))) return [];
  return [replace('Use registry-image', type.range, 'registry-image', { preferred: true })];
};

/** A repository with a scheme, a tag or a digest in it: each goes where it belongs. */
export const imageReference: FixMaker = (context) => {
  const { problem, task, layout } = context;
  const repository = nodeAt(task.root, ['image_resource', 'source', 'repository']);
  const source = nodeAt(task.root, ['image_resource', 'source']);
  const map = source && layout.mapAt(source.range.start);
  const { replacement } = problem.data ?? {};
  if (repository?.kind !== 'scalar' || repository.range.start !== problem.range.start) return [];
  if (source?.kind !== 'map' || !map) return [];
  const text = repository.text.replace(/^[a-z+]+:\/\/\/?/, '');
  const lower = text.toLowerCase();
  if (!parseImageReference(text).ok) {
    if (text === lower || !parseImageReference(lower).ok) return [];
    return [replace(`Write '${lower}'`, problem.range, scalarSource(lower), { preferred: true })];
  }
  const {
    name = text,
    tag,
    digest,
  } = /^(?<name>(?:[^/]*\/)*[^:@/]+)(?::(?<tag>[^@]+))?(?:@(?<digest>.+))?$/.exec(text)?.groups ?? {};
  const written = source.entries.find((entry) => entry.name === 'tag')?.value;
  const edits: OffsetEdit[] = [{ range: repository.range, newText: scalarSource(name) }];
  const entry = layout.entryOfValueAt(repository.range.start);
  // With a digest the tag says nothing any more, and one that is there already wins.
  if (tag !== undefined && digest === undefined && !written) {
    edits.push(...layout.insert(map, entry ?? 'last', 'tag', tagSource(tag)));
  }
  if (digest !== undefined) {
    const pinned = version(context, digest);
    if (pinned.length === 0) return [];
    edits.push(...pinned);
  }
  const what = digest !== undefined ? 'the digest' : tag !== undefined ? `the tag '${tag}'` : undefined;
  const title =
    what === undefined
      ? `Write '${replacement ?? name}'`
      : written && digest === undefined
        ? `Remove ${what} from the repository: source.tag is set`
        : `Move ${what} out of the repository`;
  return [{ title, edits, preferred: true }];
};

/** A resource type that is missing or misspelled. */
export const imageType: FixMaker = (context) => {
  const { problem } = context;
  const { replacement: meant, key } = problem.data ?? {};
  if (meant !== undefined) return [replace(`Replace it by '${meant}'`, problem.range, meant, { preferred: true })];
  return key === 'type' ? missingImageType(context) : [];
};

/** A mock image that holds nothing. */
export const mirrorSelf: FixMaker = (context) => {
  const edits = setKey(context, ['image_resource', 'source'], 'mirror_self', 'true', 'last');
  const added =
    edits.length > 0 ? edits : setKey(context, ['image_resource'], 'source', { mirror_self: 'true' }, 'last');
  return added.length > 0 ? [{ title: "Add 'mirror_self: true'", edits: added, preferred: true }] : [];
};

/** Which image is meant only the author knows: a small one that has a shell is a beginning. */
export const noImage: FixMaker = (context) => {
  const { task, layout } = context;
  const map = layout.mapAt(task.root.range.start);
  const platform = layout.entryAt(context.problem.range.start);
  if (!map) return [];
  const source = { repository: 'busybox', tag: 'latest' };
  const edits = layout.insert(map, platform ?? 'last', 'image_resource', { type: 'registry-image', source });
  return edits.length > 0 ? [{ title: 'Add image_resource with the image busybox', edits }] : [];
};

/** Pins a digest by `image_resource.version`. */
function version({ task, layout }: FixContext, digest: string): OffsetEdit[] {
  const image = nodeAt(task.root, ['image_resource']);
  const map = image && layout.mapAt(image.range.start);
  if (image?.kind !== 'map' || !map || image.entries.some(({ name }) => name === 'version')) return [];
  return layout.insert(map, 'last', 'version', { digest: JSON.stringify(digest) });
}

/** Writes the tag down that is taken anyway. */
export const explicitTag: FixMaker = ({ task, layout }) => {
  const source = nodeAt(task.root, ['image_resource', 'source']);
  const repository = nodeAt(task.root, ['image_resource', 'source', 'repository']);
  const map = source && layout.mapAt(source.range.start);
  if (source?.kind !== 'map' || !map || !repository) return [];
  if (source.entries.some(({ name }) => ['tag', 'tag_regex', 'semver_constraint', 'variant'].includes(name))) return [];
  const entry = layout.entryOfValueAt(repository.range.start);
  const edits = layout.insert(map, entry ?? 'last', 'tag', 'latest');
  return [{ title: "Write the default down: 'tag: latest'", edits }];
};

/** A secret in clear text: the file then holds a variable, and the value is given with the run. */
export const credential: FixMaker = ({ problem, layout }) => {
  const entry = layout.entryOfValueAt(problem.range.start) ?? layout.entryAt(problem.range.start);
  const value = entry?.pair.value;
  const key = entry && isScalar(entry.pair.key) ? entry.pair.key.source : undefined;
  if (!isScalar(value) || !value.range || key === undefined) return [];
  const name = key
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '');
  if (name === '') return [];
  const range = { start: value.range[0], end: value.range[1] };
  const block = value.type === 'BLOCK_LITERAL' || value.type === 'BLOCK_FOLDED';
  const header = block ? layout.text.lastIndexOf(value.type === 'BLOCK_LITERAL' ? '|' : '>', range.start) : range.start;
  const fix = { start: Math.max(header, layout.lineStart(range.start - (block ? 1 : 0))), end: range.end };
  return [
    replace(
      `Replace the value by ((${name})) and give it with the run`,
      block ? fix : range,
      `((${name}))${block ? layout.lineEnd : ''}`,
      { preferred: true },
    ),
  ];
};
