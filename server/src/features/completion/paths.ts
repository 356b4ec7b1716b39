/** Paths in the container: directories of the task, and below an input the files of the local folder that a run would send. */
import { CompletionItemKind } from 'vscode-languageserver';
import { effectivePath, type FileFact, type Mount, taskMounts, type TaskPath, varNames, WORK_DIR } from '#concourse';
import { startDirectory } from '../facts/task-paths.ts';
import { namesIn, scalarText, slotAt, valueText, type CompletionContext, type Proposal } from './context.ts';

/** Which paths a value takes. */
export interface PathWish {
  /** Absolute directory that relative paths start at. */
  readonly base: string;
  /** Concourse takes `..` out of the paths that it reads itself. */
  readonly reader: 'concourse' | 'container';
  readonly want: 'program' | 'file' | 'directory';
}

/** Local files of which the executable bit is looked up. */
const MAX_LOOKUPS = 300;

/** What paths the value at a path of the task takes; undefined when it is no path. */
export function wishAt(context: CompletionContext, path: TaskPath): PathWish | undefined {
  const [list, second, third] = path;
  const dir = valueText(context.task, slotAt(context.place, ['run', 'dir'])) ?? context.task.config.run.dir ?? '';
  const start = varNames(dir).length > 0 ? undefined : startDirectory(dir);
  if (list === 'run') {
    if (second === 'dir' && path.length === 2) return { base: WORK_DIR, reader: 'concourse', want: 'directory' };
    if (start === undefined) return undefined;
    if (second === 'path' && path.length === 2) return { base: start, reader: 'container', want: 'program' };
    if (second === 'args' && path.length === 3) return { base: start, reader: 'container', want: 'file' };
  }
  if (list === 'caches' && third === 'path') return { base: WORK_DIR, reader: 'concourse', want: 'directory' };
  if (list === 'sidecars' && path.length === 2) return { base: WORK_DIR, reader: 'concourse', want: 'file' };
  if (list === 'sidecars' && third === 'workingDir') return { base: WORK_DIR, reader: 'concourse', want: 'directory' };
  return undefined;
}

/**
 * Names that may follow the last slash of a path.
 *
 * @param typed the path as far as it is written
 * @param end offset behind `typed` and what the completion replaces after it
 */
export function pathProposals(context: CompletionContext, wish: PathWish, typed: string, end: number): Proposal[] {
  const slash = typed.lastIndexOf('/') + 1;
  const head = typed.slice(0, slash);
  if (/[$*?\s]|\(\(/.test(head)) return [];
  const above = resolve(head, wish);
  const range = { start: context.place.offset - (typed.length - slash), end };
  const found = new Map<string, Proposal>();
  const add = (name: string, proposal: Omit<Proposal, 'label' | 'text' | 'range'>): void => {
    // The first part of a path decides how the scalar must be written; later ones stand inside of it.
    const text = slash === 0 ? scalarText(name, context.place) : scalarTail(name, context);
    if (!found.has(name)) found.set(name, { ...proposal, label: name, text, range });
  };
  for (const mount of mountsOf(context)) {
    if (!mount.path.startsWith(above === '/' ? '/' : `${above}/`)) continue;
    const [name = '', ...rest] = mount.path.slice(above === '/' ? 1 : above.length + 1).split('/');
    if (name === '' || (above === '/' && !head.startsWith('/'))) continue;
    const detail = rest.length === 0 ? mount.kind : undefined;
    add(name, { kind: CompletionItemKind.Folder, sort: `1${name}`, ...(detail === undefined ? {} : { detail }) });
  }
  for (const [name, proposal] of localNames(context, above, wish)) add(name, proposal);
  return [...found.values()];
}

function scalarTail(name: string, { place }: CompletionContext): string {
  const { quote, block } = place.word;
  if (quote === '"' && !block) return JSON.stringify(name).slice(1, -1);
  return quote === "'" && !block ? name.replaceAll("'", "''") : name;
}

function resolve(head: string, { base, reader }: PathWish): string {
  if (reader === 'concourse') return effectivePath(head, base);
  const parts = head.startsWith('/') ? [] : base.split('/').filter((part) => part !== '');
  for (const part of head.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
}

/** The directories of the task; of a file that does not parse at least those that go by their name. */
function mountsOf(context: CompletionContext): Mount[] {
  const mounts = taskMounts(context.task.config).filter(({ name }) => name !== '' && varNames(name).length === 0);
  const known = new Set(mounts.map(({ kind, name }) => `${kind} ${name}`));
  for (const [list, kind] of [
    ['inputs', 'input'],
    ['outputs', 'output'],
  ] as const) {
    namesIn(context, list).forEach((name, index) => {
      if (!known.has(`${kind} ${name}`)) mounts.push({ kind, index, name, path: effectivePath(name) });
    });
  }
  return mounts;
}

/** What lies in the local folder of the input that a directory of the container is in. */
function localNames(
  context: CompletionContext,
  directory: string,
  { want }: PathWish,
): [string, Omit<Proposal, 'label' | 'text' | 'range'>][] {
  const { files, inputFolders } = context.environment;
  const inputs = mountsOf(context).filter(
    ({ kind, path }) => kind === 'input' && (directory === path || directory.startsWith(`${path}/`)),
  );
  const input = inputs.sort((a, b) => b.path.length - a.path.length)[0];
  const folder = input && inputFolders.get(input.name);
  if (!files || !folder) return [];
  const local = `${folder.directory.replace(/\/+$/, '')}${directory.slice(input.path.length)}`;
  let lookups = 0;
  return (files.list(local) ?? [])
    .filter(({ name, type }) => name !== '.git' && (type === 'directory' || want !== 'directory'))
    .map(({ name, type }) => {
      const fact =
        want === 'program' && type === 'file' && ++lookups <= MAX_LOOKUPS ? files.stat(`${local}/${name}`) : undefined;
      return [name, { ...described(name, type, want, fact), documentation: `Local: \`${local}/${name}\`` }];
    });
}

function described(
  name: string,
  type: FileFact['type'],
  want: PathWish['want'],
  fact: FileFact | undefined,
): Pick<Proposal, 'kind' | 'sort' | 'detail'> {
  if (type === 'directory') return { kind: CompletionItemKind.Folder, sort: `${name.startsWith('.') ? 6 : 3}${name}` };
  const rank = name.startsWith('.') ? 6 : fact?.executable ? 2 : want === 'program' ? 5 : 4;
  const detail = want === 'program' && fact && !fact.executable ? 'not executable' : undefined;
  return { kind: CompletionItemKind.File, sort: `${rank}${name}`, ...(detail === undefined ? {} : { detail }) };
}
