/** Local files that exist only in a test. */
import type { DirectoryEntry, FileFact, Files } from '#concourse';

/** A file by its text, or with more facts; text `undefined` is a binary. */
export type MemoryFile = string | { readonly text: string | undefined; readonly executable: boolean };

/**
 * A file system of absolute paths with slashes. A path that ends with a slash is an empty directory; directories above
 * files are there by themselves. Files given by their text alone are executable when they begin with `#!`.
 */
export function memoryFiles(tree: Readonly<Record<string, MemoryFile>>): Files {
  const texts = new Map<string, string | undefined>();
  const facts = new Map<string, FileFact>();
  const lists = new Map<string, Map<string, DirectoryEntry>>();
  const addDirectory = (path: string): void => {
    if (lists.has(path)) return;
    lists.set(path, new Map());
    facts.set(path, { type: 'directory', executable: true, size: 0 });
    addEntry(path, 'directory');
  };
  const addEntry = (path: string, type: FileFact['type']): void => {
    const at = path.lastIndexOf('/');
    if (path === '/' || at < 0) return;
    const parent = path.slice(0, at) || '/';
    addDirectory(parent);
    lists.get(parent)?.set(path.slice(at + 1), { name: path.slice(at + 1), type });
  };
  for (const [path, file] of Object.entries(tree)) {
    if (path.endsWith('/')) {
      addDirectory(path.slice(0, -1) || '/');
      continue;
    }
    const { text, executable } = typeof file === 'string' ? { text: file, executable: file.startsWith('#!') } : file;
    texts.set(path, text);
    facts.set(path, { type: 'file', executable, size: text?.length ?? 1 });
    addEntry(path, 'file');
  }
  const clean = (path: string): string => path.replace(/(?<=.)\/$/, '');
  return {
    stat: (path) => facts.get(clean(path)),
    list: (path) => {
      const entries = lists.get(clean(path));
      return entries && [...entries.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
    },
    read: (path) => texts.get(clean(path)),
  };
}
