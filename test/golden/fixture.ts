/** Local files that exist only in a test, and the environment that goes with them. */
import type {
  DirectoryEntry,
  Environment,
  FileFact,
  Files,
  InputFolder,
} from '#internal/concourse/src/task/environment.ts';
import { loadVars } from '#internal/concourse/src/vars/load-vars.ts';
import type { Target } from '#internal/concourse/src/task/config.ts';

/** Where the files of a fixture stand. */
export const FIXTURE_ROOT = '/workspace';

/** One file of a fixture; a directory has no text. */
export interface FixtureFile {
  /** Relative to the root, e.g. `repo/ci/test.sh`. */
  readonly path: string;
  readonly text?: string;
  readonly executable?: boolean;
}

/** What a fixture says about the world around a task. Everything has a default. */
export interface FixtureOptions {
  readonly target?: Target;
  /** Accept Tarmac's own keys; default true, as in the editor. */
  readonly extensions?: boolean;
  /** Path of the task file below the root; default `task.yml`. */
  readonly path?: string;
  /** Folder of each input below the root; default: the folder of the same name, where there is one. */
  readonly inputs?: Readonly<Record<string, string>>;
  /** `NAME: value` of a vars file, the values in YAML; absent: no vars file is configured. */
  readonly vars?: Readonly<Record<string, string>>;
}

class FixtureFiles implements Files {
  readonly #files = new Map<string, FixtureFile>();
  readonly #directories = new Map<string, Map<string, DirectoryEntry>>([[FIXTURE_ROOT, new Map()]]);

  constructor(files: readonly FixtureFile[]) {
    for (const file of files) {
      const parts = file.path.split('/').filter((part) => part !== '');
      const isFile = file.text !== undefined;
      if (isFile) this.#files.set(`${FIXTURE_ROOT}/${parts.join('/')}`, file);
      parts.forEach((name, index) => {
        const type = isFile && index === parts.length - 1 ? 'file' : 'directory';
        const parent = [FIXTURE_ROOT, ...parts.slice(0, index)].join('/');
        this.#directories.get(parent)?.set(name, { name, type });
        const own = `${parent}/${name}`;
        if (type === 'directory' && !this.#directories.has(own)) this.#directories.set(own, new Map());
      });
    }
  }

  stat(path: string): FileFact | undefined {
    const file = this.#files.get(path);
    if (file) return { type: 'file', executable: file.executable ?? false, size: file.text?.length ?? 0 };
    return this.#directories.has(path) ? { type: 'directory', executable: true, size: 0 } : undefined;
  }

  list(path: string): readonly DirectoryEntry[] | undefined {
    const entries = this.#directories.get(path);
    return entries && [...entries.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  read(path: string): string | undefined {
    return this.#files.get(path)?.text;
  }
}

/** The environment of a task that stands among some files; without files there is no file system at all. */
export function fixtureEnvironment(files: readonly FixtureFile[] = [], options: FixtureOptions = {}): Environment {
  const target = options.target ?? 'current';
  const vars =
    options.vars === undefined
      ? undefined
      : loadVars({ yaml: Object.entries(options.vars).map(([name, value]) => `${name}=${value}`) });
  if (vars && vars.errors.length > 0) throw new Error(`the vars of the fixture: ${vars.errors.join('; ')}`);
  const facts = files.length > 0 ? new FixtureFiles(files) : undefined;
  const folders =
    options.inputs ?? Object.fromEntries((facts?.list(FIXTURE_ROOT) ?? []).map(({ name }) => [name, name]));
  const inputFolders = Object.entries(folders).map(([input, folder]): [string, InputFolder] => [
    input,
    { input, directory: `${FIXTURE_ROOT}/${folder}`, reason: 'folder-name' },
  ]);
  return {
    target,
    path: `${FIXTURE_ROOT}/${options.path ?? 'task.yml'}`,
    inputFolders: new Map(inputFolders),
    ...(facts ? { files: facts } : {}),
    ...(vars ? { vars: { values: vars.vars, files: [`${FIXTURE_ROOT}/vars.yml`] } } : {}),
  };
}
