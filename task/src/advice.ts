/** Advice about a task that Concourse accepts: what it will do that its author may not expect. */
import { isEnvName } from './env.ts';
import { isFloat, numberText } from './go-scalar.ts';
import { entryOf, nodeAt } from './lookup.ts';
import type { TaskNode } from './nodes.ts';
import { findOverlaps, taskMounts } from './paths.ts';
import type { Mount } from './paths.ts';
import type { Problems, TaskPath, TextRange } from './problem.ts';
import { IMAGE_SOURCE_KEYS } from './schema-image.ts';
import { didYouMean } from './suggest.ts';
import type { Target, TaskConfig } from './task-config.ts';

type Advise = (config: TaskConfig, root: TaskNode, problems: Problems, target: Target) => void;

function rangeAt(root: TaskNode, path: TaskPath): TextRange {
  return nodeAt(root, path)?.range ?? root.range;
}

function keyRange(root: TaskNode, path: TaskPath): TextRange {
  const holder = nodeAt(root, path.slice(0, -1));
  const entry = holder && entryOf(holder, String(path.at(-1)));
  return entry?.key.range ?? rangeAt(root, path);
}

/** Only Linux containers run on Kubernetes nodes that Tarmac uses. */
const platform: Advise = (config, root, problems) => {
  const value = config.platform ?? '';
  if (value === '' || value === 'linux' || value.includes('((')) return;
  const guess = ['linux', 'darwin', 'windows'].includes(value)
    ? undefined
    : didYouMean(value, ['linux', 'darwin', 'windows']);
  const advice = guess === undefined ? 'Tarmac runs only linux tasks.' : `Did you mean '${guess}'?`;
  const data = { path: ['platform'], ...(guess === undefined ? {} : { replacement: guess, suggestion: guess }) };
  problems.add(
    'information',
    'platform',
    rangeAt(root, ['platform']),
    `Only workers of the platform '${value}' take this task. ${advice}`,
    data,
  );
};

/** Tags and repositories that YAML reads as numbers, and source keys that the resource rejects at run time. */
const imageSource: Advise = (config, root, problems) => {
  const image = config.image_resource;
  if (!image) return;
  if (image.type === '') {
    const message = "image_resource has no type: the task fails when its image is fetched. Add 'type: registry-image'.";
    problems.add('warning', 'image-type-missing', keyRange(root, ['image_resource']), message, {
      path: ['image_resource'],
    });
  }
  const keys = Object.hasOwn(IMAGE_SOURCE_KEYS, image.type) ? IMAGE_SOURCE_KEYS[image.type] : undefined;
  if (!keys) return;
  const node = nodeAt(root, ['image_resource', 'source']);
  for (const { key, required } of keys) {
    if (!required || (node && entryOf(node, key))) continue;
    const path = ['image_resource', 'source'];
    const message = `The image has no ${key}: the task fails when its image is fetched. Add it under source.`;
    problems.add('warning', 'image-source-missing', keyRange(root, node ? path : ['image_resource']), message, {
      path,
      key,
    });
  }
  if (node?.kind !== 'map') return;
  for (const entry of node.entries) {
    const path = ['image_resource', 'source', entry.name];
    const known = keys.find(({ key }) => key === entry.name);
    if (!known) {
      if (image.type !== 'registry-image' || entry.name.includes('((')) continue;
      const meant = didYouMean(
        entry.name,
        keys.map(({ key }) => key),
      );
      const advice = meant === undefined ? 'Remove it.' : `Did you mean '${meant}'?`;
      const message = `registry-image does not know the source key '${entry.name}' and fails when the image is fetched. ${advice}`;
      const data = { path, key: entry.name, ...(meant === undefined ? {} : { suggestion: meant, replacement: meant }) };
      problems.add('warning', 'image-source-unknown', entry.key.range, message, data);
      continue;
    }
    const { value } = entry;
    if (!known.text || value.kind !== 'scalar' || !value.plain) continue;
    if (typeof value.value !== 'bigint' && !isFloat(value.value)) continue;
    const becomes = numberText(value.value);
    if (becomes === value.text) continue;
    const message = `YAML reads this as the number ${becomes}, so the ${entry.name} is '${becomes}'. Quote it to keep it as written.`;
    const data = { path, replacement: JSON.stringify(value.text), becomes };
    problems.add('warning', 'yaml-value-changes', value.range, message, data);
  }
};

/** The path as the author wrote it or its default, and where to point. */
function mountRange(root: TaskNode, mount: Mount): TextRange {
  const path: TaskPath = [`${mount.kind}s`, mount.index];
  const node = nodeAt(root, path);
  return (node && (entryOf(node, 'path') ?? entryOf(node, 'name'))?.value.range) ?? rangeAt(root, path);
}

/** Directories that hide each other; an output on an input, and nesting, are meant. */
const sharedPaths: Advise = (config, root, problems) => {
  for (const { kind, outer, inner } of findOverlaps(taskMounts(config))) {
    if (kind !== 'same' || outer.kind !== inner.kind || outer.name === '' || inner.name === '') continue;
    const message =
      outer.name === inner.name
        ? `The ${inner.kind} '${inner.name}' is listed twice. Remove one of them.`
        : `The ${inner.kind}s '${outer.name}' and '${inner.name}' have the same path: one hides the other. Give one another path.`;
    const data = { path: [`${inner.kind}s`, inner.index], related: mountRange(root, outer) };
    problems.add('warning', 'same-path', mountRange(root, inner), message, data);
  }
};

/** Two dots do not lead upwards: Concourse removes them. */
const dots: Advise = (config, root, problems) => {
  const written: [TaskPath, string | undefined][] = [
    ...(config.inputs ?? []).map(({ path }, index): [TaskPath, string | undefined] => [
      ['inputs', index, 'path'],
      path,
    ]),
    ...(config.outputs ?? []).map(({ path }, index): [TaskPath, string | undefined] => [
      ['outputs', index, 'path'],
      path,
    ]),
    ...(config.caches ?? []).map(({ path }, index): [TaskPath, string | undefined] => [
      ['caches', index, 'path'],
      path,
    ]),
  ];
  for (const [path, text] of written) {
    if (text === undefined || text.startsWith('/') || !text.includes('..')) continue;
    const becomes = text
      .replaceAll('..', '')
      .replaceAll(/\/{2,}/g, '/')
      .replace(/^\//, '');
    const message = `Concourse removes '..' from relative paths: this is '${becomes === '' ? '.' : becomes}'. Write the path without '..', or an absolute one.`;
    problems.add('warning', 'path-dots', rangeAt(root, path), message, { path, becomes });
  }
};

/** Names that Kubernetes refuses as environment variables. */
const envNames: Advise = (config, root, problems) => {
  for (const name of Object.keys(config.params ?? {})) {
    if (isEnvName(name) || name.includes('((')) continue;
    const message = `'${name}' cannot be the name of an environment variable on every Kubernetes server. Use letters, digits and '_', no digit first.`;
    problems.add('warning', 'env-name', keyRange(root, ['params', name]), message, { path: ['params', name] });
  }
};

/** CPU shares are a weight in Concourse and millicores here. */
const smallCpu: Advise = (config, root, problems) => {
  const cpu = config.container_limits?.cpu;
  if (cpu === undefined || cpu === 0n || cpu >= 50n) return;
  const path = ['container_limits', 'cpu'];
  const message = `On Kubernetes this limits the task to ${cpu} thousandths of a CPU; in Concourse it is a relative weight. Write 1000 for one CPU.`;
  problems.add('information', 'small-cpu-limit', rangeAt(root, path), message, { path });
};

/** Keys that are younger than the target. */
const tooNew: Advise = (config, root, problems, target) => {
  if (target === 'current') return;
  config.caches?.forEach((cache, index) => {
    if (cache.ttl === undefined) return;
    const path = ['caches', index, 'ttl'];
    const message = 'ttl is known since Concourse 8.2; older servers reject or ignore it.';
    problems.add('warning', 'needs-newer-concourse', keyRange(root, path), message, { path });
  });
};

/** `rootfs_uri` depends on the worker. */
const rootfs: Advise = (config, root, problems) => {
  if (config.rootfs_uri === undefined) return;
  const message = 'The meaning of rootfs_uri depends on the worker. Prefer image_resource with type registry-image.';
  problems.add('hint', 'deprecated-rootfs-uri', keyRange(root, ['rootfs_uri']), message, { path: ['rootfs_uri'] });
};

const ADVICE: readonly Advise[] = [platform, imageSource, sharedPaths, dots, envNames, smallCpu, tooNew, rootfs];

/** Adds warnings, information and hints; never an error. */
export function adviseTask(config: TaskConfig, root: TaskNode, problems: Problems, target: Target): void {
  for (const advise of ADVICE) advise(config, root, problems, target);
}
