/** Inlay hints: what a task means where it is not what it says. */
import type { InlayHint } from 'vscode-languageserver';
import {
  containerPath,
  effectivePath,
  nodeAt,
  parseImageReference,
  resolveImage,
  type TaskNode,
  type TaskPath,
  type TextRange,
  varNames,
  WORK_DIR,
} from '#concourse';
import { lspRange, type FeatureRequest } from './facts/feature.ts';
import { becomes, yamlType } from './facts/scalar-meaning.ts';
import { shortPath, startDirectory } from './facts/task-paths.ts';

/** Which hints to show: the settings `tarmac.inlayHints.*`. */
export interface InlayHintOptions {
  /** Where a path really leads, when that is not where it seems to. */
  readonly paths: boolean;
  /** The tag of an image that names none. */
  readonly images: boolean;
  /** What YAML makes of a value that it does not keep as written. */
  readonly values: boolean;
}

/** A hint before it becomes LSP's. */
interface Hint {
  readonly at: number;
  readonly label: string;
  readonly tooltip: string;
  /** Keep a blank to the text before it. */
  readonly apart: boolean;
}

/** The longest text that a hint shows. */
const MAX_LABEL = 60;

/**
 * The hints of a part of the text, in its order.
 *
 * @param range offsets that the editor shows
 */
export function inlayHints(request: FeatureRequest, range: TextRange, options: InlayHintOptions): InlayHint[] {
  const hints = [
    ...(options.paths ? pathHints(request, range) : []),
    ...(options.images ? imageHints(request, range) : []),
    ...(options.values ? valueHints(request, range) : []),
  ];
  const shown = hints.filter(({ at }) => at >= range.start && at <= range.end).sort((a, b) => a.at - b.at);
  return shown.map(({ at, label, tooltip, apart }) => ({
    position: lspRange(request.task, { start: at, end: at }).start,
    label: label.length > MAX_LABEL ? `${label.slice(0, MAX_LABEL)}…` : label,
    tooltip,
    paddingLeft: apart,
  }));
}

/** The scalar at a path when it is written at one place in the range, in one line; a hint stands behind it. */
function writtenAt(
  { task }: FeatureRequest,
  path: TaskPath,
  range: TextRange,
): { readonly text: string; readonly end: number } | undefined {
  const node = nodeAt(task.root, path);
  if (node?.kind !== 'scalar' || !isShown(node, range)) return undefined;
  const { start, end } = node.range;
  if (/[\r\n]/.test(task.text.slice(start, end)) || varNames(node.text).length > 0) return undefined;
  return { text: node.text, end };
}

function isShown(node: TaskNode, range: TextRange): boolean {
  return node.range.end >= range.start && node.range.start <= range.end && node.range.start < node.range.end;
}

function pathHints(request: FeatureRequest, range: TextRange): Hint[] {
  const { config } = request.task;
  const paths: TaskPath[] = [
    ...(config.inputs ?? []).map((input, index) => ['inputs', index, input.path === undefined ? 'name' : 'path']),
    ...(config.outputs ?? []).map((output, index) => ['outputs', index, output.path === undefined ? 'name' : 'path']),
    ...(config.caches ?? []).map((_, index) => ['caches', index, 'path']),
    ['run', 'dir'],
  ];
  const hints = paths.flatMap((path): Hint[] => {
    const written = writtenAt(request, path, range);
    // Only the dots that Concourse takes out make another path of it.
    if (!written?.text.includes('..') || written.text.startsWith('/')) return [];
    const really = effectivePath(written.text);
    const tooltip = `Concourse takes ".." out of relative paths: this is ${really} in the container.`;
    return [{ at: written.end, label: `→ ${shortPath(really)}`, tooltip, apart: true }];
  });
  return [...hints, ...commandHints(request, range)];
}

/** A command with a relative path starts where `dir` says. */
function commandHints(request: FeatureRequest, range: TextRange): Hint[] {
  const base = startDirectory(request.task.config.run.dir);
  const written = writtenAt(request, ['run', 'path'], range);
  if (!written?.text.includes('/') || written.text.startsWith('/')) return [];
  const really = containerPath(written.text, base);
  if (really === undefined || really === containerPath(written.text, WORK_DIR)) return [];
  const tooltip = `The command is looked up below run.dir: this is ${really} in the container.`;
  return [{ at: written.end, label: `→ ${shortPath(really)}`, tooltip, apart: true }];
}

function imageHints(request: FeatureRequest, range: TextRange): Hint[] {
  const { config, sidecars } = request.task;
  const hints: Hint[] = [];
  const source = writtenAt(request, ['image_resource', 'source', 'repository'], range);
  if (source) hints.push(...tagHint(source, imageOf(request)));
  const rootfs = config.image_resource ? undefined : writtenAt(request, ['rootfs_uri'], range);
  if (rootfs) hints.push(...tagHint(rootfs, imageOf(request)));
  (sidecars ?? []).forEach((_, index) => {
    const image = writtenAt(request, ['sidecars', index, 'image'], range);
    if (image) hints.push(...tagHint(image, image.text));
  });
  return hints;
}

function imageOf({ task }: FeatureRequest): string | undefined {
  const image = resolveImage(task.config);
  return 'unresolved' in image ? undefined : image.reference;
}

/** The tag that a run pulls when neither the text nor a `tag` key says it. */
function tagHint(
  { text, end }: { readonly text: string; readonly end: number },
  reference: string | undefined,
): Hint[] {
  const parsed = reference === undefined ? undefined : parseImageReference(reference);
  if (!parsed?.ok || parsed.image.digest !== undefined || parsed.image.tag !== undefined) return [];
  const tooltip = `No tag is given: a run pulls ${text}:latest, which changes over time.`;
  return [{ at: end, label: ':latest', tooltip, apart: false }];
}

/**
 * Scalars that YAML reads as a number, boolean or null, though they end up as text: params, whatever they are, and tags.
 * Other texts must be text already; there a diagnostic tells.
 */
function valueHints({ task }: FeatureRequest, range: TextRange): Hint[] {
  const hints: Hint[] = [];
  const look = (node: TaskNode | undefined): void => {
    if (!node || node.kind !== 'scalar' || node.written || !isShown(node, range)) return;
    const meaning = becomes(node, { kind: 'any' });
    if (meaning !== undefined) hints.push(valueHint(node, meaning));
  };
  const params = nodeAt(task.root, ['params']);
  if (params?.kind === 'map') {
    for (const { name, key, value } of params.entries) {
      if (key.plain && key.text !== name && isShown(key, range)) hints.push(valueHint(key, name));
      look(value);
    }
  }
  for (const key of ['tag', 'variant']) look(nodeAt(task.root, ['image_resource', 'source', key]));
  return hints;
}

function valueHint(node: TaskNode, meaning: string): Hint {
  const shown = meaning === '' ? '""' : meaning;
  const tooltip = `YAML reads this as a ${yamlType(node)}: the text becomes ${shown}. Quote it to keep it as written.`;
  return { at: node.range.end, label: `→ ${shown}`, tooltip, apart: true };
}
