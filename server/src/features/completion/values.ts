/** Values that the schema, the rest of the file and its variables suggest. */
import { CompletionItemKind } from 'vscode-languageserver';
import type { KnownValue } from '#concourse';
import { schemaAt } from '../facts/schema-at.ts';
import {
  namesIn,
  scalarText,
  slotAt,
  valueText,
  type CompletionContext,
  type Drafting,
  type Proposal,
} from './context.ts';
import type { Opening } from './place.ts';

const COMMON_IMAGES: readonly KnownValue[] = [
  { value: 'busybox', documentation: 'Smallest image with a shell.' },
  { value: 'alpine', documentation: 'Small Linux with the package manager apk.' },
  { value: 'debian', documentation: 'Debian.' },
  { value: 'ubuntu', documentation: 'Ubuntu.' },
  { value: 'golang', documentation: 'Go.' },
  { value: 'node', documentation: 'Node.js.' },
  { value: 'python', documentation: 'Python.' },
  { value: 'concourse/oci-build-task', documentation: 'Builds container images.' },
];

/** Values of the schema for the place. */
export function schemaValues(context: CompletionContext, opening: Opening): Proposal[] {
  const at = schemaAt(opening.path, context.imageType);
  if (!at?.field || at.type.kind === 'object' || at.type.kind === 'list') return [];
  if (typeof opening.path.at(-1) === 'number') return [];
  const { field, type } = at;
  const known = field.values ?? field.examples ?? commonValues(opening);
  return known.map(({ value, documentation }, index) => ({
    label: value,
    kind: field.values ? CompletionItemKind.EnumMember : CompletionItemKind.Value,
    // Numbers and booleans are written as they are; a text that YAML would take for one is quoted.
    text: type.kind === 'string' && field.values === undefined ? scalarText(value, context.place) : value,
    sort: `0${String(index).padStart(2, '0')}`,
    documentation,
  }));
}

function commonValues({ path }: Opening): readonly KnownValue[] {
  const place = path.join('.');
  if (place === 'image_resource.source.repository') return COMMON_IMAGES;
  if (place === 'image_resource.source.tag') return [{ value: 'latest', documentation: 'The default.' }];
  return [];
}

/** Names of artifacts: those that paths of the task use and no input or output declares yet. */
export function artifactNames(context: CompletionContext, opening: Opening): Proposal[] {
  const [list, index, key] = opening.path;
  if ((list !== 'inputs' && list !== 'outputs') || typeof index !== 'number' || opening.path.length !== 3) return [];
  if (list === 'outputs' && key === 'path') return inputPaths(context);
  if (key !== 'name') return [];
  const declared = new Set([...namesIn(context, 'inputs'), ...namesIn(context, 'outputs')]);
  const run = slotAt(context.place, ['run']);
  const args = run?.children.find(({ name }) => name === 'args')?.children ?? [];
  const written = [...['path', 'dir'].map((name) => run?.children.find((slot) => slot.name === name)), ...args].map(
    (slot) => valueText(context.task, slot),
  );
  const names = written.flatMap((text) => /^([a-z\d][\w.-]*)\//i.exec(text ?? '')?.[1] ?? []);
  return [...new Set(names)]
    .filter((name) => !declared.has(name))
    .map((name) => ({
      label: name,
      kind: CompletionItemKind.Reference,
      text: scalarText(name, context.place),
      sort: `1${name}`,
      detail: 'used by the command, not declared yet',
    }));
}

function inputPaths(context: CompletionContext): Proposal[] {
  return (context.task.config.inputs ?? []).map(({ name, path }) => ({
    label: path ?? name,
    kind: CompletionItemKind.Reference,
    text: scalarText(path ?? name, context.place),
    sort: `1${name}`,
    detail: `input ${name}`,
    documentation: `The output starts with the contents of the input \`${name}\`.`,
  }));
}

/** `*anchor` for a value. */
export function aliasProposals(context: Drafting, opening: Opening): Proposal[] {
  const { place } = context;
  if (place.word.quote !== '' || place.word.block) return [];
  const merge = opening.path.at(-1) === '<<';
  return place.anchors
    .filter((slot) => !merge || slot.children.some(({ kind }) => kind === 'key'))
    .map(({ anchor = '' }) => ({
      label: `*${anchor}`,
      kind: CompletionItemKind.Reference,
      text: `*${anchor}`,
      sort: `8${anchor}`,
      documentation: `The value that carries the anchor \`&${anchor}\`.`,
    }));
}
