/** Rules about where the image of a task comes from. */
import { isFloat, numberText } from '../../yaml/go-scalar.ts';
import { parseImageReference } from '../../task/image-reference.ts';
import { firstKeyRange } from '../../yaml/lookup.ts';
import type { ScalarNode, TaskNode } from '../../yaml/nodes.ts';
import { didYouMean } from '../../text/suggest.ts';
import { IMAGE_TYPES } from '../../schema/image.ts';
import type { Rule, RuleContext } from '../rule.ts';
import { entriesOf, entryAt, hasVar, isText, valueRange } from '../tree.ts';

const TASKS = 'Source: [tasks](https://concourse-ci.org/docs/tasks/).';
const RESOURCE = 'Source: [registry-image resource](https://github.com/concourse/registry-image-resource).';

/** Resource types whose source names an image in a registry. */
const REGISTRY_TYPES: ReadonlySet<string> = new Set(['registry-image', 'docker-image']);

/** A text, or a number as the resource gets it; undefined for anything else and where variables stand. */
function writtenText(node: TaskNode | undefined): { node: ScalarNode; text: string } | undefined {
  if (node?.kind !== 'scalar') return undefined;
  const { value } = node;
  if (typeof value === 'bigint' || isFloat(value)) return { node, text: numberText(value) };
  return typeof value === 'string' && value !== '' && !hasVar(value) ? { node, text: value } : undefined;
}

function sourceOf({ document }: RuleContext): TaskNode | undefined {
  if (!REGISTRY_TYPES.has(document.config.image_resource?.type ?? '')) return undefined;
  return entryAt(document.root, 'image_resource', 'source')?.value;
}

function checkRepository(context: RuleContext, source: TaskNode): void {
  const entry = entryAt(source, 'repository');
  const written = writtenText(entry?.value);
  if (!written) return;
  const { node, text } = written;
  const path = ['image_resource', 'source', 'repository'];
  const scheme = /^[a-z+]+:\/\/\/?/.exec(text)?.[0];
  if (scheme !== undefined) {
    const replacement = text.slice(scheme.length);
    const message = `A repository has no '${scheme}' in front. Write '${replacement}'.`;
    context.report(node.range, message, { data: { path, replacement } });
    return;
  }
  const parsed = parseImageReference(text);
  if (!parsed.ok) {
    context.report(node.range, `The image cannot be fetched: ${parsed.message}. Correct the name.`, { data: { path } });
    return;
  }
  const { tag, digest } = parsed.image;
  if (digest !== undefined) {
    const message = `The repository must be a name only: the resource rejects the digest in it. Move '${digest}' to image_resource.version.digest.`;
    context.report(node.range, message, { data: { path, key: 'digest', becomes: digest } });
  } else if (tag !== undefined) {
    const replacement = text.slice(0, -tag.length - 1);
    const message = `The repository must be a name only: the resource rejects the tag in it. Write '${replacement}' and move '${tag}' to source.tag.`;
    context.report(node.range, message, { data: { path, key: 'tag', replacement, becomes: tag } });
  }
}

/** What chooses an image besides `tag`. */
const CHOOSERS = ['tag', 'tag_regex', 'semver_constraint', 'variant', 'pre_releases', 'pre_release_prefixes'];

/** `image_resource`, `rootfs_uri`, and the lack of both. */
export const IMAGE_RULES: readonly Rule[] = [
  {
    id: 'no-image',
    group: 'image',
    severity: 'hint',
    title: 'The task names no image',
    documentation: `Without \`image_resource\` the pipeline step must give the image (\`image:\`). Where nobody does, the run fails: \`rootfs must not be empty\`. To run such a task with Tarmac, choose an image for the run.\n\n${TASKS}`,
    example: 'platform: linux\nrun: {path: make}\n',
    fixable: true,
    check({ document, environment: { uses = [] }, report }) {
      const { config, root, place } = document;
      if (place === 'pipeline' || root.kind !== 'map') return;
      // Each step that names the file brings an image.
      if (uses.length > 0 && uses.every(({ image }) => image)) return;
      if (config.image_resource || config.rootfs_uri !== undefined || config.platform !== 'linux') return;
      // An old or misplaced image key has been reported.
      if (entryAt(root, 'image_resource') || entryAt(root, 'image') || entryAt(root, 'rootfs_uri')) return;
      if (document.problems.some(({ data }) => data?.suggestion === 'image_resource')) return;
      const message =
        'The task names no image: the pipeline step or the run must give one. Add image_resource to fix it here.';
      report(entryAt(root, 'platform')?.key.range ?? firstKeyRange(root), message, {
        data: { path: ['image_resource'] },
      });
    },
  },
  {
    id: 'image-type',
    group: 'image',
    severity: 'warning',
    title: 'The resource type of the image is missing or misspelled',
    documentation: `\`image_resource.type\` names the resource type that fetches the image, usually \`registry-image\`. Concourse does not check it before the run; without it, or with a misspelled one, the run fails. For types that only a Concourse server can run this is **information**: a run with Tarmac needs an image override.\n\n${TASKS}`,
    example: 'platform: linux\nimage_resource:\n  source: {repository: busybox, tag: "1"}\nrun: {path: make}\n',
    fixable: true,
    check({ document, report }) {
      const entry = entryAt(document.root, 'image_resource');
      const image = document.config.image_resource;
      if (entry?.value.kind !== 'map' || !image) return;
      const path = ['image_resource', 'type'];
      const type = entryAt(entry.value, 'type');
      if (image.type === '') {
        // A value of the wrong kind, or a misspelled key, has been reported.
        if (type && !(type.value.kind === 'scalar' && (type.value.value === null || type.value.value === ''))) return;
        if (document.problems.some(({ data }) => data?.suggestion === 'type' && data.path?.[0] === 'image_resource')) {
          return;
        }
        const message = "The image has no type, so the run fails when it is fetched. Add 'type: registry-image'.";
        report(type?.key.range ?? entry.key.range, message, {
          data: { path, key: 'type', suggestion: 'type: registry-image' },
        });
        return;
      }
      if (!type || hasVar(image.type) || IMAGE_TYPES.some(({ value }) => value === image.type)) return;
      const meant = didYouMean(
        image.type,
        IMAGE_TYPES.map(({ value }) => value),
      );
      if (meant !== undefined) {
        const message = `Concourse has no resource type '${image.type}' of its own. Did you mean '${meant}'?`;
        report(type.value.range, message, { data: { path, replacement: meant, suggestion: meant } });
      } else {
        const message = `Only a Concourse server can fetch an image of the type '${image.type}': choose an image override to run the task here.`;
        report(type.value.range, message, { severity: 'information', data: { path } });
      }
    },
  },
  {
    id: 'image-mock',
    group: 'image',
    severity: 'information',
    title: 'A mock image without mirror_self',
    documentation:
      'The `mock` resource gives a root file system with programs only with `mirror_self: true`: then its own image is used.\n\nSource: [mock resource](https://github.com/concourse/mock-resource).',
    example: 'platform: linux\nimage_resource: {type: mock, source: {initial_version: "1"}}\nrun: {path: make}\n',
    fixable: true,
    check({ document, report }) {
      const image = document.config.image_resource;
      const entry = entryAt(document.root, 'image_resource');
      if (image?.type !== 'mock' || !entry || image.source?.['mirror_self'] === true) return;
      const self = entryAt(entry.value, 'source', 'mirror_self');
      if (self && isText(self.value) && hasVar(self.value.value)) return;
      const place = entryAt(entry.value, 'source') ?? entryAt(entry.value, 'type') ?? entry;
      const message = "A mock image has no programs in it unless its source has 'mirror_self: true'. Add it.";
      report(self ? valueRange(self) : place.key.range, message, {
        data: { path: ['image_resource', 'source', 'mirror_self'], key: 'mirror_self' },
      });
    },
  },
  {
    id: 'image-reference',
    group: 'image',
    severity: 'warning',
    title: 'Not the name of an image',
    documentation: `The repository must be a name such as \`busybox\` or \`ghcr.io/me/tool\`, in lower case, without \`docker://\`, tag or digest; a tag has at most 128 letters, digits, \`_\`, \`.\` and \`-\`; a digest is \`sha256:\` and 64 hexadecimal digits. With anything else the run fails when the image is fetched.\n\n${RESOURCE} Grammar: [distribution/reference](https://github.com/distribution/reference/blob/main/reference.go).`,
    example:
      'platform: linux\nimage_resource:\n  type: registry-image\n  source: {repository: "busybox:1.36"}\nrun: {path: make}\n',
    fixable: true,
    check(context) {
      const source = sourceOf(context);
      if (!source) return;
      checkRepository(context, source);
      const tag = writtenText(entryAt(source, 'tag')?.value);
      const named = tag && parseImageReference(`image:${tag.text}`);
      if (tag && (named?.ok !== true || named.image.tag !== tag.text)) {
        const message = `'${tag.text}' is not a valid image tag: a tag has at most 128 letters, digits, '_', '.' and '-', and begins with none of '.' and '-'. Correct it.`;
        context.report(tag.node.range, message, { data: { path: ['image_resource', 'source', 'tag'] } });
      }
      const digest = entryAt(context.document.root, 'image_resource', 'version', 'digest')?.value;
      if (!isText(digest) || hasVar(digest.value) || parseImageReference(`image@${digest.value}`).ok) return;
      const message = "This is not a digest: write 'sha256:' and 64 hexadecimal digits in lower case.";
      context.report(digest.range, message, { data: { path: ['image_resource', 'version', 'digest'] } });
    },
  },
  {
    id: 'image-tag-missing',
    group: 'image',
    severity: 'hint',
    title: 'No tag: the image may change at any time',
    documentation: `Without \`tag\` the newest image of the tag \`latest\` is used, and the task may behave differently tomorrow. Set \`tag\`, or pin \`version: {digest: …}\`.\n\n${RESOURCE}`,
    example:
      'platform: linux\nimage_resource:\n  type: registry-image\n  source: {repository: busybox}\nrun: {path: make}\n',
    fixable: true,
    check(context) {
      const source = sourceOf(context);
      const repository = source && entryAt(source, 'repository');
      const written = writtenText(repository?.value);
      if (!source || !repository || !written) return;
      if (entriesOf(source).some(({ name }) => CHOOSERS.includes(name) || name === '<<')) return;
      if (Object.keys(context.document.config.image_resource?.version ?? {}).length > 0) return;
      const parsed = parseImageReference(written.text);
      if (!parsed.ok || parsed.image.tag !== undefined || parsed.image.digest !== undefined) return;
      const message = "Without a tag the image is 'latest', which changes over time. Add 'tag:' or pin version.digest.";
      context.report(repository.value.range, message, {
        data: { path: ['image_resource', 'source', 'tag'], key: 'tag' },
      });
    },
  },
  {
    id: 'deprecated-docker-image',
    group: 'image',
    severity: 'hint',
    title: 'docker-image is the older resource type',
    documentation: `\`registry-image\` does the same without a Docker daemon, and is the one that is developed. Most sources can stay as they are; \`registry_mirror\`, \`ca_certs\` and \`insecure_registries\` are written differently.\n\n${RESOURCE}`,
    example:
      'platform: linux\nimage_resource:\n  type: docker-image\n  source: {repository: busybox, tag: "1"}\nrun: {path: make}\n',
    fixable: true,
    check({ document, report }) {
      const type = entryAt(document.root, 'image_resource', 'type');
      if (!type || document.config.image_resource?.type !== 'docker-image') return;
      const message =
        "'docker-image' is the older resource type. Prefer 'registry-image', which needs no Docker daemon.";
      report(type.value.range, message, { data: { path: ['image_resource', 'type'], replacement: 'registry-image' } });
    },
  },
  {
    id: 'deprecated-rootfs-uri',
    group: 'image',
    severity: 'hint',
    title: 'rootfs_uri depends on the worker',
    documentation: `What \`rootfs_uri\` means is up to the worker that runs the task. Use \`image_resource\`.\n\n${TASKS}`,
    example: 'platform: linux\nrootfs_uri: docker:///busybox\nrun: {path: make}\n',
    fixable: true,
    check({ document, report }) {
      const entry = entryAt(document.root, 'rootfs_uri');
      const uri = document.config.rootfs_uri;
      if (!entry || uri === undefined) return;
      const image = /^docker:\/\/\/?([^#\s]+)(?:#(\S+))?$/.exec(uri);
      const becomes =
        image?.[1] === undefined ? undefined : image[2] === undefined ? image[1] : `${image[1]}:${image[2]}`;
      const message =
        'The meaning of rootfs_uri depends on the worker. Prefer image_resource with type registry-image.';
      report(entry.key.range, message, {
        data: { path: ['rootfs_uri'], key: 'rootfs_uri', becomes },
      });
    },
  },
];
