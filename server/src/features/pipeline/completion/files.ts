/** Paths in a pipeline: artifacts, their files as far as they are known, and the files of the local checkout. */
import { CompletionItemKind } from 'vscode-languageserver';
import { type Artifact, type KnownValue, PUT_PATHS, RESOURCE_FACTS } from '#concourse';
import { scalarText, type Proposal } from '../../completion/context.ts';
import type { Opening } from '../../completion/place.ts';
import type { PipelinePlace } from '../schema-at.ts';
import type { PipelineContext, StepView } from './context.ts';
import { isOffered, makerText } from './values.ts';

/** What a path leads to. */
type Wish = 'yaml' | 'file' | 'folder';

/** Keys that hold `ARTIFACT/path`. */
const PATHS: ReadonlyMap<string, Wish> = new Map([
  ['task step.file', 'yaml'],
  ['set_pipeline step.file', 'yaml'],
  ['set_pipeline step.var_files', 'yaml'],
  ['load_var step.file', 'file'],
]);

/** Folders that are looked into for files to offer whole, and how many entries of them are read at most. */
const MOST_ENTRIES = 2_000;
const DEEPEST = 4;
const MOST_FILES = 100;
const SKIPPED: ReadonlySet<string> = new Set(['node_modules', 'vendor']);

/** Paths that may stand at a place; none where the value is no path. */
export function fileProposals(context: PipelineContext, opening: Opening, schema: PipelinePlace): Proposal[] {
  const wish = wishOf(schema);
  const view = schema.step && wish !== undefined ? context.viewOf(schema.step) : undefined;
  if (wish === undefined || !view?.finds) return [];
  const { typed, range } = context.place.word;
  const slash = typed.lastIndexOf('/') + 1;
  const head = typed.slice(0, slash);
  if (head.includes('((')) return [];
  if (slash > 0) return below(context, view, head, { start: range.start + slash, end: range.end }, wish);
  // The artifacts themselves are offered as names.
  if (wish === 'folder') return [];
  const artifacts = [...view.finds.artifacts].filter(([, artifact]) => isOffered(artifact));
  return [
    ...wholeFiles(context, view, artifacts, wish),
    ...artifacts.map(([name, artifact], index) => ({
      label: `${name}/`,
      kind: CompletionItemKind.Folder,
      text: scalarText(`${name}/`, context.place),
      sort: `3${String(index).padStart(4, '0')}`,
      detail: makerText(artifact),
    })),
  ];
}

function wishOf({ holder, field, below: parts, base }: PipelinePlace): Wish | undefined {
  if (!field || parts.length > 1) return undefined;
  if (base !== undefined && holder === `put of ${base}`) {
    const form = PUT_PATHS[base]?.[field.key];
    return form === 'glob' ? 'file' : form;
  }
  return PATHS.get(`${holder}.${field.key}`);
}

/** What lies in a folder of an artifact. */
function below(
  context: PipelineContext,
  view: StepView,
  head: string,
  range: { readonly start: number; readonly end: number },
  wish: Wish,
): Proposal[] {
  const [artifact = '', ...folders] = head
    .replace(/^(?:\.\.?\/)+/u, '')
    .split('/')
    .slice(0, -1);
  const listed = view.trace
    .list(view.node, [artifact, ...folders].join('/'))
    .filter(({ name, folder }) => name !== '.git' && (folder || wish !== 'folder'))
    .map(({ name, folder }): Proposal => {
      const fits = folder || wish === 'file' || /\.(?:ya?ml|json)$/iu.test(name);
      return {
        label: folder ? `${name}/` : name,
        kind: folder ? CompletionItemKind.Folder : CompletionItemKind.File,
        text: folder ? `${name}/` : name,
        sort: `${name.startsWith('.') ? 6 : fits ? (folder ? 2 : 1) : 5}${name}`,
        filter: name,
        range,
      };
    });
  const made = knownFiles(view.finds?.artifacts.get(artifact))
    .filter(() => folders.length === 0 && wish !== 'folder')
    .map(({ value, documentation }, index): Proposal => ({
      label: value,
      kind: CompletionItemKind.File,
      text: value,
      sort: `${wish === 'file' ? 3 : 7}${String(index).padStart(2, '0')}`,
      documentation,
      range,
    }));
  return [...listed, ...made];
}

/** Files that the resource of an artifact leaves. */
function knownFiles(artifact: Artifact | undefined): readonly KnownValue[] {
  const type = artifact?.maker.resource?.baseType;
  return (type === undefined ? undefined : RESOURCE_FACTS.get(type)?.files) ?? [];
}

/** Files to take with one choice: task and pipeline files of the checkout, what small resources leave. */
function wholeFiles(
  context: PipelineContext,
  view: StepView,
  artifacts: readonly (readonly [string, Artifact])[],
  wish: Wish,
): Proposal[] {
  const paths: { path: string; detail: string; documentation?: string }[] = [];
  for (const [name, artifact] of artifacts) {
    if (wish === 'yaml') {
      if (artifact.local) paths.push(...yamlFiles(view, name).map((path) => ({ path, detail: 'of this repository' })));
    } else if (artifact.maker.resource?.baseType !== 'git') {
      const files = knownFiles(artifact).filter(({ value }) => !value.includes('rootfs'));
      paths.push(
        ...files.map(({ value, documentation }) => ({
          path: `${name}/${value}`,
          detail: makerText(artifact),
          documentation,
        })),
      );
    }
  }
  return paths.map(({ path, detail, documentation }) => ({
    label: path,
    kind: CompletionItemKind.File,
    text: scalarText(path, context.place),
    sort: `${wish === 'yaml' ? 2 : 4}${path}`,
    detail,
    ...(documentation === undefined ? {} : { documentation }),
  }));
}

/** YAML files of the checkout that lie where tasks and pipelines usually do. */
function yamlFiles({ trace, node }: StepView, artifact: string): string[] {
  const found: string[] = [];
  let entries = 0;
  const waiting = [{ path: artifact, depth: 0 }];
  for (let folder = waiting.shift(); folder && entries < MOST_ENTRIES; folder = waiting.shift()) {
    for (const { name, folder: isFolder } of trace.list(node, folder.path)) {
      if (++entries > MOST_ENTRIES || found.length >= MOST_FILES) return found;
      const path = `${folder.path}/${name}`;
      if (isFolder) {
        if (folder.depth < DEEPEST && !name.startsWith('.') && !SKIPPED.has(name)) {
          waiting.push({ path, depth: folder.depth + 1 });
        }
      } else if (
        /\.ya?ml$/iu.test(name) &&
        /\/(?:ci|concourse|tasks?|pipelines?)\/|task|pipeline/iu.test(path.slice(artifact.length))
      ) {
        found.push(path);
      }
    }
  }
  return found;
}
