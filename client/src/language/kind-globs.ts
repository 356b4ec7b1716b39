/** The setting `tarmac.fileKinds`: globs of files, and what these are. Pure. */

/** What the user says that a file is; `none`: neither a task nor a pipeline. */
export type ChosenKind = 'task' | 'pipeline' | 'none';

/** The setting's value. */
export type KindsByGlob = Readonly<Record<string, ChosenKind>>;

/**
 * The glob of one file: of its path below its folder, or of its absolute path. A class of one character is how both VS Code and
 * the server take a character for itself.
 */
export function fileKey(path: string): string {
  return path.replaceAll('\\', '/').replaceAll(/[*?{}()[\]]/gu, '[$&]');
}

/** The setting without what it says of one file. */
export function withoutFile(kinds: KindsByGlob, key: string): KindsByGlob {
  return Object.fromEntries(Object.entries(kinds).filter(([glob]) => glob !== key));
}

/** The globs of a kind. */
export function globsOf(kinds: KindsByGlob, kind: ChosenKind): readonly string[] {
  return Object.keys(kinds).filter((glob) => kinds[glob] === kind);
}
