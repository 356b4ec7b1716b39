/**
 * Inputs, outputs and caches. What the rest of a task speaks of is the directory, so the directory is the name that has
 * uses; an artifact whose path differs from its name is a second name with one place.
 */
import { effectivePath, nodeAt, type TaskConfig, type TaskDocument, type TaskNode, type TextRange } from '#concourse';
import type { FeatureRequest } from '../facts/feature.ts';
import { pathSteps, shortPath, type PathReader } from '../facts/task-paths.ts';
import { pathUses, shellFileUses, type PathUse } from '../facts/path-uses.ts';
import { inTextOrder, type FileOccurrences, type Occurrence, type TaskSymbol } from './symbol.ts';
import { contains, trimmed } from '../facts/text-ranges.ts';
import { writtenText } from '../facts/written-text.ts';

/** One directory while its places are collected. */
interface Directory {
  readonly path: string;
  /** As its uses spell it: from the working directory, or absolute. */
  readonly word: string;
  readonly title: string;
  readonly occurrences: Occurrence[];
  readonly declarations: Map<number, TextRange>;
}

/** An entry of `inputs`, `outputs` or `caches`. */
interface Entry {
  readonly title: 'input' | 'output' | 'cache';
  readonly path: string;
  readonly name: string | undefined;
  readonly item: TaskNode | undefined;
  readonly nameNode: TaskNode | undefined;
  readonly pathNode: TaskNode | undefined;
}

/** The entries of a task, in the order inputs, outputs, caches. */
function entriesOf(config: TaskConfig, root: TaskNode): Entry[] {
  const entry = (title: Entry['title'], index: number, name: string | undefined, path: string | undefined): Entry => {
    const list = `${title}s`;
    const hasPath = path !== undefined;
    return {
      title,
      name,
      path: effectivePath(path ?? name ?? ''),
      item: nodeAt(root, [list, index]),
      nameNode: name === undefined ? undefined : nodeAt(root, [list, index, 'name']),
      pathNode: hasPath ? nodeAt(root, [list, index, 'path']) : undefined,
    };
  };
  return [
    ...(config.inputs ?? []).map(({ name, path }, index) => entry('input', index, name, path)),
    ...(config.outputs ?? []).map(({ name, path }, index) => entry('output', index, name, path)),
    ...(config.caches ?? []).map(({ path }, index) => entry('cache', index, undefined, path)),
  ];
}

/** The place of a directory's word at the end of a part of a written path; undefined when it is spelled differently. */
function wordRange(text: string, end: number, word: string): TextRange | undefined {
  const start = end - word.length;
  if (start < 0 || !text.startsWith(word, start)) return undefined;
  return start === 0 || text[start - 1] === '/' ? { start, end } : undefined;
}

/** Collects the directories of a task and their places. */
class Directories {
  readonly byPath = new Map<string, Directory>();
  readonly #task: TaskDocument;

  constructor(task: TaskDocument) {
    this.#task = task;
  }

  declare({ title, path, item, nameNode, pathNode }: Entry): Directory | undefined {
    const word = shortPath(path);
    const written = writtenText(this.#task, pathNode ?? nameNode);
    // The working directory itself has no word that stands for it alone.
    if (!written || /^[./]*$/.test(written.text)) return undefined;
    const directory = this.byPath.get(path) ?? {
      path,
      word,
      title,
      occurrences: [],
      declarations: new Map<number, TextRange>(),
    };
    this.byPath.set(path, directory);
    const end = written.text.replace(/\/+$/, '').length;
    const within = wordRange(written.text, end, word) ?? { start: 0, end: written.text.length };
    const range = { start: written.range.start + within.start, end: written.range.start + within.end };
    directory.occurrences.push({ range, role: 'declaration', certain: true });
    if (item && contains(item.range, range)) {
      directory.declarations.set(range.start, trimmed(this.#task.text, item.range));
    }
    return directory;
  }

  /** Adds the places of all directories that a path in a text goes through. */
  use(
    text: string,
    use: PathUse,
    reader: PathReader,
    add: (directory: Directory, occurrence: Occurrence) => void,
  ): void {
    for (const step of pathSteps(use.text, use.base, reader)) {
      const directory = this.byPath.get(step.path);
      const within = directory && wordRange(use.text, step.range.end, directory.word);
      if (!directory || !within) continue;
      const range = use.rangeOf(within);
      // What an escape or a fold cuts up is no single word of the file.
      if (text.slice(range.start, range.end) !== directory.word) continue;
      const bare = within.start === 0 && within.end === use.text.length;
      add(directory, {
        range,
        role: use.writes ? 'write' : 'read',
        certain: use.certain === 'always' || (use.certain === 'with-slash' && !bare),
      });
    }
  }
}

/** The directories and artifact names of a task with all their places, those in the script file that it runs included. */
export function directorySymbols(request: FeatureRequest): TaskSymbol[] {
  const { task } = request;
  const entries = entriesOf(task.config, task.root);
  if (entries.length === 0) return [];
  const directories = new Directories(task);
  const own = entries.map((entry) => ({ entry, directory: directories.declare(entry) }));
  for (const { use, reader } of [...pathUses(task), ...nestedMounts(task, entries)]) {
    directories.use(task.text, use, reader, ({ occurrences }, occurrence) => occurrences.push(occurrence));
  }
  const elsewhere = new Map<Directory, Occurrence[]>();
  const file = shellFileUses(request);
  for (const use of file?.uses ?? []) {
    directories.use(file?.text ?? '', use, 'container', (directory, occurrence) => {
      const before = elsewhere.get(directory);
      if (before) before.push(occurrence);
      else elsewhere.set(directory, [occurrence]);
    });
  }
  const symbols = new Map<Directory, TaskSymbol>();
  for (const directory of directories.byPath.values()) {
    const outside = elsewhere.get(directory);
    const files: FileOccurrences[] =
      file && outside ? [{ path: file.path, text: file.text, occurrences: inTextOrder(outside) }] : [];
    symbols.set(directory, {
      kind: 'directory',
      name: directory.word,
      title: directory.title,
      occurrences: inTextOrder(directory.occurrences),
      elsewhere: files,
      declarations: directory.declarations,
    });
  }
  const artifacts = own.flatMap(({ entry, directory }) =>
    artifactSymbol(task, entry, directory && symbols.get(directory)),
  );
  return [...symbols.values(), ...artifacts];
}

/** The name of an input or output that has a path of its own. */
function artifactSymbol(task: TaskDocument, entry: Entry, directory: TaskSymbol | undefined): TaskSymbol[] {
  const written = entry.pathNode && writtenText(task, entry.nameNode);
  if (!written || written.text === '') return [];
  const declarations = new Map(
    entry.item ? [[written.range.start, trimmed(task.text, entry.item.range)] as const] : [],
  );
  const occurrences: Occurrence[] = [{ range: written.range, role: 'declaration', certain: true }];
  const symbol: TaskSymbol = {
    kind: 'artifact',
    name: written.text,
    title: entry.title,
    occurrences,
    elsewhere: [],
    declarations,
  };
  return [directory ? { ...symbol, directory } : symbol];
}

/** A path of an input, output or cache uses the directories that it lies in. */
function nestedMounts(task: TaskDocument, entries: readonly Entry[]): { use: PathUse; reader: PathReader }[] {
  return entries.flatMap(({ pathNode, nameNode }) => {
    const written = writtenText(task, pathNode ?? nameNode);
    if (!written) return [];
    const { text, range } = written;
    const use: PathUse = {
      text,
      base: effectivePath(''),
      certain: 'always',
      writes: false,
      rangeOf: (part) => ({ start: range.start + part.start, end: range.start + part.end }),
    };
    return [{ use, reader: 'concourse' as const }];
  });
}
