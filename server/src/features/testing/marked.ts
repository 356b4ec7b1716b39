/** Requests for tests of features: a text with a cursor in it, and an environment made of records. */
import {
  decodePipeline,
  decodeTask,
  type DirectoryEntry,
  type Environment,
  type Files,
  type InputFolder,
  type InputFolderReason,
  loadVars,
  type Target,
} from '#concourse';
import type { FeatureRequest, PlaceRequest } from '../facts/feature.ts';

/** Where the cursor stands in a marked text. */
export const CURSOR = '<*>';

/** A file of a test: its text, or its text and whether it may be executed. */
export type TestFile = string | { readonly text: string; readonly executable: boolean };

/** What surrounds the task of a test. All paths are absolute. */
export interface TestSurroundings {
  /** The task file; default `/ws/ci/task.yml`. */
  readonly path?: string;
  /** Local files by path; their directories exist by that. */
  readonly files?: Readonly<Record<string, TestFile>>;
  /** Local folder, or folder and reason, by name of the input. */
  readonly folders?: Readonly<Record<string, string | readonly [string, InputFolderReason]>>;
  /** Configured vars files: text by path. Absent: none is configured. */
  readonly vars?: Readonly<Record<string, string>>;
  /** Default `current`. */
  readonly target?: Target;
  /** The text is a pipeline: the request is for the task in it that holds the cursor, without cursor for the first. */
  readonly pipeline?: true;
}

/** A file system made of a record. */
export class RecordFiles implements Files {
  readonly #files: Readonly<Record<string, TestFile>>;

  constructor(files: Readonly<Record<string, TestFile>>) {
    this.#files = files;
  }

  stat(path: string): ReturnType<Files['stat']> {
    const file = Object.hasOwn(this.#files, path) ? this.#files[path] : undefined;
    if (file === undefined) return this.list(path) && { type: 'directory', executable: true, size: 0 };
    const text = typeof file === 'string' ? file : file.text;
    const executable = typeof file === 'string' ? false : file.executable;
    return { type: 'file', executable, size: new TextEncoder().encode(text).length };
  }

  list(path: string): readonly DirectoryEntry[] | undefined {
    const prefix = path.endsWith('/') ? path : `${path}/`;
    const entries = new Map<string, DirectoryEntry>();
    for (const key of Object.keys(this.#files)) {
      if (!key.startsWith(prefix)) continue;
      const [name = '', ...below] = key.slice(prefix.length).split('/');
      entries.set(name, { name, type: below.length > 0 ? 'directory' : 'file' });
    }
    if (entries.size === 0) return undefined;
    return [...entries.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  read(path: string): string | undefined {
    const file = Object.hasOwn(this.#files, path) ? this.#files[path] : undefined;
    return typeof file === 'object' ? file.text : file;
  }
}

function environmentOf(surroundings: TestSurroundings): Environment {
  const { path = '/ws/ci/task.yml', files, folders = {}, vars, target = 'current' } = surroundings;
  const inputFolders = Object.entries(folders).map(([input, folder]): [string, InputFolder] => {
    const [directory, reason] = typeof folder === 'string' ? [folder, 'folder-name' as const] : folder;
    return [input, { input, directory, reason }];
  });
  const varFiles = Object.entries(vars ?? {}).map(([file, text]) => ({ path: file, text }));
  return {
    target,
    path,
    ...(files ? { files: new RecordFiles({ ...files, ...vars }) } : {}),
    inputFolders: new Map(inputFolders),
    ...(vars ? { vars: { values: loadVars({ files: varFiles }).vars, files: Object.keys(vars) } } : {}),
  };
}

/** A request for a text without a cursor. */
export function requested(text: string, surroundings: TestSurroundings = {}): FeatureRequest {
  return requestFor(text, 0, surroundings);
}

/** A request at the cursor of a text: `marked('pla<*>')`. The mark is taken out; it must be there exactly once. */
export function marked(text: string, surroundings: TestSurroundings = {}): PlaceRequest {
  const parts = text.split(CURSOR);
  if (parts.length !== 2) throw new Error(`The text must hold one ${CURSOR}, not ${parts.length - 1}.`);
  const offset = (parts[0] ?? '').length;
  return { ...requestFor(parts.join(''), offset, surroundings), offset };
}

function requestFor(text: string, offset: number, surroundings: TestSurroundings): FeatureRequest {
  const environment = environmentOf(surroundings);
  const { target, path = '' } = environment;
  const uri = `file://${path}`;
  if (!surroundings.pipeline) return { task: decodeTask(text, { target, extensions: true }), uri, environment };
  const tasks = decodePipeline(text, { target });
  const task = tasks.find(({ range }) => offset >= range.start && offset <= range.end) ?? tasks[0];
  if (!task) throw new Error('The text holds no pipeline with a task.');
  return { task, uri, environment };
}
