/** Which local folder a run would send for each input of a task: what is known, then what can be found. */
import { containerPath, restBelow } from '../text/container-path.ts';
import type { TaskDocument } from './document.ts';
import type { Files, InputFolder, InputFolderReason } from './environment.ts';
import { isWithin, joinLocal, nameOf, parentOf } from '../text/local-path.ts';
import { effectivePath, inputPath } from './paths.ts';
import { shellCommand } from '../script/command.ts';
import type { InputConfig, TaskConfig } from './config.ts';

/** What the matching may look at. All paths are absolute. */
export interface InputFolderSources {
  readonly files: Files;
  /** The task file; undefined for a text that is not on disk. */
  readonly taskPath?: string | undefined;
  /** The folders that are open in the editor; for a terminal its directory. */
  readonly workspaceFolders: readonly string[];
  /** Input to folder, as the user configured it. Taken as it is: a run says when the folder is missing. */
  readonly settings?: ReadonlyMap<string, string> | undefined;
  /** Input to folder, of the last run of this task; a folder that is gone does not count. */
  readonly remembered?: ReadonlyMap<string, string> | undefined;
  /** Inputs for which the pipelines that use this task give the repository that holds it. */
  readonly checkouts?: ReadonlySet<string> | undefined;
}

/**
 * Matches inputs to local folders, surest first: the setting; the folder of the last run; a folder that is named like
 * the input (the repository or a workspace folder itself, as `fly execute` takes its current directory, concourse/concourse
 * fly/commands/internal/executehelpers/inputs.go; a folder in the workspace; a folder beside the repository); the
 * repository of the task file, when the command starts a file of the input that is there, or one that would be beside
 * other files there: its name may be misspelled; that repository, when the input is the only one and no path says that it
 * is something else. An input that nothing fits is absent.
 */
export function matchInputFolders(task: TaskDocument, sources: InputFolderSources): ReadonlyMap<string, InputFolder> {
  const found = new Map<string, InputFolder>();
  const around = surroundings(sources);
  const named = namedPaths(task.config);
  for (const input of task.config.inputs ?? []) {
    if (input.name === '' || found.has(input.name)) continue;
    const match = matchInput(input, sources, around, named);
    if (match) found.set(input.name, { input: input.name, ...match });
  }
  return found;
}

interface Match {
  readonly directory: string;
  readonly reason: InputFolderReason;
}

function matchInput(
  input: InputConfig,
  { files, settings, remembered, checkouts }: InputFolderSources,
  around: Surroundings,
  named: NamedPaths,
): Match | undefined {
  const isFolder = (path: string): boolean => files.stat(path)?.type === 'directory';
  const setting = settings?.get(input.name);
  if (setting !== undefined) return { directory: setting, reason: 'setting' };
  const last = remembered?.get(input.name);
  if (last !== undefined && isFolder(last)) return { directory: last, reason: 'remembered' };

  if (around.root !== undefined && checkouts?.has(input.name) === true) {
    return { directory: around.root, reason: 'repository-root' };
  }
  const mount = inputPath(input);
  const script = restBelow(named.script, mount);
  const holds = (folder: string, rest: string): boolean => files.stat(joinLocal(folder, rest)) !== undefined;
  // A name may not lead elsewhere: an input called '..' or 'a/b' is no name of a folder.
  const byName = /^[^/\\]+$/.test(input.name) && !/^\.+$/.test(input.name) ? foldersNamed(input.name, around) : [];
  const folders = byName.filter(isFolder);
  const root = around.root;
  if (script !== undefined) {
    // The file that the command starts decides between several.
    const exact = folders.find((folder) => holds(folder, script));
    if (exact !== undefined) return { directory: exact, reason: 'folder-name' };
    if (root !== undefined && holds(root, script)) return { directory: root, reason: 'repository-root' };
  }
  if (folders[0] !== undefined) return { directory: folders[0], reason: 'folder-name' };
  if (root === undefined) return undefined;
  if (script !== undefined) {
    const beside = parentOf(script);
    const isNear = beside !== undefined && beside !== '' && isFolder(joinLocal(root, beside));
    return isNear ? { directory: root, reason: 'repository-root' } : undefined;
  }
  const others = named.others.map((path) => restBelow(path, mount)).filter((rest) => rest !== undefined);
  if (others.some((rest) => holds(root, rest))) return { directory: root, reason: 'repository-root' };
  const isOnly = named.needed === 1 && input.optional !== true;
  const isEvident = isOnly && around.isRepository && others.length === 0 && !named.isUnclear;
  return isEvident ? { directory: root, reason: 'task-repository' } : undefined;
}

/** The folders around a task file. */
interface Surroundings {
  /** Nearest folder above the task file with `.git`; without one the workspace folder that holds the file. */
  readonly root: string | undefined;
  /** It has `.git`. */
  readonly isRepository: boolean;
  /** Those that hold the task file first. */
  readonly workspaceFolders: readonly string[];
}

function surroundings({ files, taskPath, workspaceFolders }: InputFolderSources): Surroundings {
  const holding = workspaceFolders.filter((folder) => taskPath !== undefined && isWithin(taskPath, folder));
  const innermost = [...holding].sort((a, b) => b.length - a.length);
  let repository: string | undefined;
  for (let at = taskPath === undefined ? undefined : parentOf(taskPath); at !== undefined; at = parentOf(at)) {
    if (files.stat(joinLocal(at, '.git')) !== undefined) {
      repository = at;
      break;
    }
  }
  return {
    root: repository ?? innermost[0],
    isRepository: repository !== undefined,
    workspaceFolders: [...innermost, ...workspaceFolders.filter((folder) => !holding.includes(folder))],
  };
}

function foldersNamed(name: string, { root, workspaceFolders }: Surroundings): string[] {
  const own = root === undefined ? workspaceFolders : [root, ...workspaceFolders];
  const beside = root === undefined ? undefined : parentOf(root);
  const folders = [
    ...own.filter((folder) => nameOf(folder) === name),
    ...workspaceFolders.map((folder) => joinLocal(folder, name)),
    ...(root === undefined ? [] : [joinLocal(root, name)]),
    ...(beside === undefined ? [] : [joinLocal(beside, name)]),
  ];
  return [...new Set(folders)];
}

/** The paths that a command names, absolute in the container. */
interface NamedPaths {
  /** The file that it starts. */
  readonly script: string | undefined;
  /** Its directory and the arguments that look like paths. */
  readonly others: readonly string[];
  /** The command starts a file whose name has a variable. */
  readonly isUnclear: boolean;
  /** How many inputs the task cannot do without. */
  readonly needed: number;
}

/** More arguments than a command that anybody writes. */
const MOST_ARGUMENTS = 100;

function namedPaths({ run, inputs = [] }: TaskConfig): NamedPaths {
  const base = effectivePath(run.dir ?? '');
  const command = shellCommand(run);
  const args = run.args ?? [];
  const script = command === undefined ? (run.path.includes('/') ? run.path : undefined) : args[command.file ?? -1];
  const others = args.slice(0, MOST_ARGUMENTS).filter((word) => /^[\w.@+-]+(?:\/[\w.@+-]+)+$/.test(word));
  const path = script === undefined ? undefined : containerPath(script, base);
  return {
    script: path,
    isUnclear: script !== undefined && path === undefined,
    needed: inputs.filter(({ optional }) => optional !== true).length,
    others: [...others.map((word) => containerPath(word, base)), base].filter((path) => path !== undefined),
  };
}
