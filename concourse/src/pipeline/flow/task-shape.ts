/** What a task needs and leaves, read from its configuration wherever that stands. */
import type { TaskDocument } from '../../task/document.ts';
import type { TextRange } from '../../text/problem.ts';
import type { TaskNode } from '../../yaml/nodes.ts';
import { entriesIn, entryIn, isTrue, itemsIn, rootOf, textAt, type Located } from './place.ts';

/** An input or output of a task. */
export interface TaskPort {
  readonly name: string;
  readonly optional: boolean;
  /** Where it is named, for a task that is written into the pipeline. */
  readonly named: Located | undefined;
}

/** The task of a step, as far as it is known. */
export interface TaskShape {
  readonly inputs: readonly TaskPort[];
  readonly outputs: readonly TaskPort[];
  /** Names of its params; true for those without a value. */
  readonly params: ReadonlyMap<string, boolean>;
  /** Type of its image_resource. */
  readonly imageType: string | undefined;
  /** The file is here and can be read: the lists of inputs, outputs and params are whole. */
  readonly known: boolean;
  /** The file that it is from. */
  readonly document?: TaskDocument | undefined;
}

/** A task of which nothing is known. */
export const UNKNOWN_TASK: TaskShape = {
  inputs: [],
  outputs: [],
  params: new Map(),
  imageType: undefined,
  known: false,
};

const KEYS: ReadonlySet<string> = new Set([
  'platform',
  'rootfs_uri',
  'image_resource',
  'container_limits',
  'params',
  'run',
  'inputs',
  'outputs',
  'caches',
  'sidecars',
]);

/** True for a key that a task may have. */
export function isTaskKey(name: string): boolean {
  return KEYS.has(name);
}

/** The ports of a list, and whether the list is whole. */
function portsOf(config: Located, key: string, named: boolean): { ports: TaskPort[]; whole: boolean } {
  const list = entryIn(config, key);
  const ports: TaskPort[] = [];
  let whole =
    list === undefined || list.node.kind === 'list' || (list.node.kind === 'scalar' && list.node.value === null);
  for (const item of itemsIn(list)) {
    const name = textAt(item, 'name');
    if (!name || name.text.includes('((')) whole = false;
    else ports.push({ name: name.text, optional: isTrue(item, 'optional'), named: named ? name : undefined });
  }
  return { ports, whole };
}

/** Of the tasks in a pipeline: several walks ask about each. */
const inline = new WeakMap<TaskNode, { readonly place: TextRange | undefined; readonly shape: TaskShape }>();

/** The task in the `config` of a step. */
export function shapeOfConfig(config: Located): TaskShape {
  const known = inline.get(config.node);
  if (known && known.place === config.place) return known.shape;
  const shape = shapeOf(config);
  inline.set(config.node, { place: config.place, shape });
  return shape;
}

function shapeOf(config: Located, document?: TaskDocument): TaskShape {
  const inputs = portsOf(config, 'inputs', document === undefined);
  const outputs = portsOf(config, 'outputs', document === undefined);
  const params = entryIn(config, 'params');
  const entries = entriesIn(params);
  const unreadable = document !== undefined && (document.template !== undefined || document.brokenFrom !== undefined);
  const keysKnown = config.node.kind === 'map' && config.node.entries.every(({ name }) => KEYS.has(name));
  const image = entryIn(config, 'image_resource');
  return {
    inputs: inputs.ports,
    outputs: outputs.ports,
    params: new Map(
      entries.map(({ entry, node }) => [entry.name, node.kind === 'scalar' && node.value === null] as const),
    ),
    imageType: image && textAt(image, 'type')?.text,
    known:
      inputs.whole &&
      outputs.whole &&
      keysKnown &&
      !unreadable &&
      (params === undefined ||
        params.node.kind === 'map' ||
        (params.node.kind === 'scalar' && params.node.value === null)) &&
      !entries.some(({ entry }) => entry.name.includes('((')),
    document,
  };
}

const shapes = new WeakMap<TaskDocument, TaskShape>();

/** The task of a file. */
export function shapeOfDocument(document: TaskDocument): TaskShape {
  let shape = shapes.get(document);
  if (shape === undefined) shapes.set(document, (shape = shapeOf(rootOf(document.root), document)));
  return shape;
}
