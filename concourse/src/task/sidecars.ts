/**
 * Sidecars: Tarmac's extension of the task file, with the rules and messages of JetBridge's sidecar configuration.
 */
import { decodePart } from '../decode/decode.ts';
import type { TaskNode } from '../yaml/nodes.ts';
import { parseText } from '../yaml/parse.ts';
import { LineIndex, type Position } from '../text/lines.ts';
import { Problems, type Problem, type TaskPath, type TextRange } from '../text/problem.ts';
import { SIDECAR } from '../schema/sidecar.ts';

/** Amounts as Kubernetes quantities. */
export interface SidecarAmounts {
  readonly cpu?: string;
  readonly memory?: string;
}

/** A container that runs beside the task. */
export interface SidecarConfig {
  readonly name: string;
  readonly image?: string;
  readonly image_artifact?: string;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly env?: readonly { readonly name?: string; readonly value?: string }[];
  readonly ports?: readonly { readonly containerPort: number; readonly protocol?: string }[];
  readonly resources?: { readonly requests?: SidecarAmounts; readonly limits?: SidecarAmounts };
  readonly workingDir?: string;
}

/** One entry: an inline sidecar, or a file with a list of them inside of an artifact. */
export type SidecarEntry =
  | { readonly kind: 'inline'; readonly sidecar: SidecarConfig; readonly range: TextRange }
  | { readonly kind: 'file'; readonly source: string; readonly file: string; readonly range: TextRange };

const RESERVED = new Set(['main', 'artifact-helper']);
// apimachinery resource.ParseQuantity: a decimal number with a binary, decimal or exponent suffix.
const QUANTITY = /^\+?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[KMGTPE]i|[numkMGTPE]|[eE][-+]?[0-9]+)?$/;
const DNS_LABEL = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/;

function fieldRange(node: TaskNode, key: string): TextRange {
  const entry = node.kind === 'map' ? node.entries.find(({ name }) => name === key) : undefined;
  return entry?.value.range ?? node.range;
}

/** Checks one sidecar by itself. */
function check(sidecar: SidecarConfig, node: TaskNode, path: TaskPath, problems: Problems): void {
  const invalid = (text: string, range: TextRange, advice: string): void => {
    problems.add('error', 'invalid-sidecar', range, `invalid sidecar configuration: ${text}. ${advice}`, { path });
  };
  const { name, image, image_artifact: artifact } = sidecar;
  if (name === '') {
    invalid("missing 'name'", node.range, 'Give the sidecar a name.');
  } else if (RESERVED.has(name)) {
    const advice = 'Choose another name: this container is part of every run.';
    invalid(`reserved container name "${name}"`, fieldRange(node, 'name'), advice);
  } else if (!DNS_LABEL.test(name)) {
    const advice =
      'Kubernetes wants at most 63 lower-case letters, digits and hyphens, with a letter or digit at both ends.';
    invalid(`container name "${name}" is not a DNS label`, fieldRange(node, 'name'), advice);
  }
  if (image === undefined && artifact === undefined) {
    invalid("missing 'image' or 'image_artifact'", node.range, 'Name the image to run.');
  } else if (image !== undefined && artifact !== undefined) {
    const advice = 'Keep one of them.';
    invalid("cannot specify both 'image' and 'image_artifact'", fieldRange(node, 'image_artifact'), advice);
  }
  sidecar.ports?.forEach((port, index) => checkPort(port, nodeIn(node, 'ports', index), invalid));
  sidecar.env?.forEach((variable, index) => {
    if (variable.name !== undefined) return;
    invalid(
      'environment variable without a name',
      nodeIn(node, 'env', index).range,
      'Write "- name: X" and "value: y".',
    );
  });
  for (const amounts of ['requests', 'limits'] as const) {
    for (const resource of ['cpu', 'memory'] as const) {
      const quantity = sidecar.resources?.[amounts]?.[resource];
      if (quantity === undefined || QUANTITY.test(quantity)) continue;
      const holder = childOf(childOf(node, 'resources'), amounts);
      const advice = 'Write a Kubernetes quantity such as 500m or 256Mi.';
      invalid(`${amounts}.${resource} "${quantity}" is not a quantity`, fieldRange(holder, resource), advice);
    }
  }
}

type ReportInvalid = (text: string, range: TextRange, advice: string) => void;

function checkPort(
  port: { readonly containerPort: number; readonly protocol?: string },
  node: TaskNode,
  invalid: ReportInvalid,
): void {
  if (!(port.containerPort >= 1 && port.containerPort <= 65_535)) {
    invalid('containerPort must be from 1 to 65535', fieldRange(node, 'containerPort'), 'Write the port number.');
  }
  const { protocol } = port;
  if (protocol !== undefined && !['TCP', 'UDP', 'SCTP'].includes(protocol)) {
    const text = `invalid port protocol "${protocol}" (must be TCP, UDP, or SCTP)`;
    invalid(text, fieldRange(node, 'protocol'), 'Leave it out for TCP.');
  }
}

function childOf(node: TaskNode, key: string): TaskNode {
  return (node.kind === 'map' ? node.entries.find(({ name }) => name === key)?.value : undefined) ?? node;
}

function nodeIn(node: TaskNode, key: string, index: number): TaskNode {
  const list = childOf(node, key);
  return (list.kind === 'list' ? list.items[index] : undefined) ?? list;
}

function fileEntry(text: string, range: TextRange, path: TaskPath, problems: Problems): SidecarEntry | undefined {
  const slash = text.indexOf('/');
  if (slash > 0 && slash < text.length - 1) {
    return { kind: 'file', source: text.slice(0, slash), file: text.slice(slash + 1), range };
  }
  problems.add(
    'error',
    'invalid-sidecar-file',
    range,
    `sidecar path '${text}' must be in the format SOURCE/FILE: the name of an input, a slash, and a path in it.`,
    { path },
  );
  return undefined;
}

/**
 * Decodes a list of sidecars: the value of `sidecars`, or the root of a sidecar file.
 *
 * @param list its node
 * @param problems receives every broken rule; wrong entries are left out of the result where they cannot be used
 * @param path where the list stands
 */
export function decodeSidecarList(list: TaskNode, problems: Problems, path: TaskPath): SidecarEntry[] {
  if (list.kind === 'scalar' && list.value === null) return [];
  if (list.kind !== 'list') {
    const message = 'parsing sidecar config: sidecars must be a list. Begin each sidecar with "- ".';
    problems.add('error', 'invalid-sidecar', list.range, message, { path });
    return [];
  }
  const names = new Set<string>();
  return list.items.flatMap((node, index): SidecarEntry[] => {
    const at = [...path, index];
    if (node.kind === 'scalar' && typeof node.value === 'string') {
      const entry = fileEntry(node.value, node.range, at, problems);
      return entry ? [entry] : [];
    }
    if (node.kind !== 'map') {
      const message = 'sidecar entry must be a string (file path) or object (inline config).';
      problems.add('error', 'invalid-sidecar', node.range, message, { path: at });
      return [];
    }
    // The table of the schema describes the interface.
    const sidecar = { name: '', ...(decodePart(SIDECAR, node, problems, at) as Partial<SidecarConfig>) };
    check(sidecar, node, at, problems);
    if (sidecar.name !== '' && names.has(sidecar.name)) {
      const message = `duplicate sidecar name "${sidecar.name}". Give each sidecar a name of its own.`;
      problems.add('error', 'duplicate-sidecar', fieldRange(node, 'name'), message, { path: at });
    }
    names.add(sidecar.name);
    return [{ kind: 'inline', sidecar, range: node.range }];
  });
}

/** Decodes the value of `sidecars` in a task file and marks it as Tarmac's own. */
export function decodeSidecars(node: TaskNode, problems: Problems): SidecarEntry[] {
  problems.add(
    'information',
    'tarmac-extension',
    node.range,
    "'sidecars' is an extension of Tarmac: Concourse rejects it in a task file (unknown fields: [sidecars]). Remove it before a pipeline uses this file.",
    { path: ['sidecars'], key: 'sidecars' },
  );
  return decodeSidecarList(node, problems, ['sidecars']);
}

/** A file that a `SOURCE/FILE` entry names. */
export interface SidecarFile {
  readonly sidecars: readonly SidecarEntry[];
  readonly problems: readonly Problem[];
  positionAt(offset: number): Position;
}

/** The sidecars of a file that a `SOURCE/FILE` entry names, with its problems. */
export function decodeSidecarFile(text: string): SidecarFile {
  const problems = new Problems();
  const { root } = parseText(text, problems);
  const sidecars = decodeSidecarList(root, problems, []);
  const lines = new LineIndex(text);
  return { sidecars, problems: problems.sorted(), positionAt: (offset) => lines.positionAt(offset) };
}
