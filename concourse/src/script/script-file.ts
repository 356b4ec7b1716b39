/** The script of a task that lies in a file of an input. */
import { containerPath } from '../text/container-path.ts';
import type { TaskDocument } from '../task/document.ts';
import type { Environment } from '../task/environment.ts';
import { joinLocal } from '../text/local-path.ts';
import { effectivePath, taskMounts } from '../task/paths.ts';
import type { Mount } from '../task/paths.ts';
import type { TaskPath } from '../text/problem.ts';
import { commandInPath } from './command-line.ts';
import { shellCommand } from './command.ts';

/** A path of the container, and what is known of it before the run. */
export interface ContainerPlace {
  /** Absolute, in the container. */
  readonly path: string;
  /** The innermost directory of the task that holds it; undefined outside of all. */
  readonly mount: Mount | undefined;
  /** Below the mount; empty for the mount itself. */
  readonly rest: string;
  /** Absolute local path of what a run would send there; undefined when no local folder is matched to the input. */
  readonly local: string | undefined;
}

/** Finds the directories of a task that hold paths: built once, then each path costs its depth. */
export class ContainerPlaces {
  readonly #mounts = new Map<string, Mount>();
  readonly #environment: Environment;

  constructor({ config }: TaskDocument, environment: Environment) {
    this.#environment = environment;
    for (const mount of taskMounts(config)) {
      // Inputs come first: an output at the path of an input starts with the input's contents.
      if (!this.#mounts.has(mount.path)) this.#mounts.set(mount.path, mount);
    }
  }

  /** @param path absolute */
  at(path: string): ContainerPlace {
    for (let end = path.length; ; end = path.lastIndexOf('/', end - 1)) {
      const directory = end <= 0 ? '/' : path.slice(0, end);
      const mount = this.#mounts.get(directory);
      if (mount) {
        const rest = path.slice(directory.length).replace(/^\//, '');
        const folder = mount.kind === 'input' ? this.#environment.inputFolders.get(mount.name) : undefined;
        return { path, mount, rest, local: folder && joinLocal(folder.directory, rest) };
      }
      if (end <= 0) return { path, mount: undefined, rest: path.slice(1), local: undefined };
    }
  }
}

/** What a task starts from one of its directories. */
export interface StartedFile extends ContainerPlace {
  /** Of the text that names it: `['run', 'path']` or `['run', 'args', n]`. */
  readonly named: TaskPath;
  /** As written. */
  readonly written: string;
  /** Name of the shell that is given the file; undefined when the kernel starts it, by its first line. */
  readonly shell: string | undefined;
}

/**
 * The file that the command of a task starts: `run.path` with a slash, or the file of `bash FILE`. Undefined for a
 * program of the image, an inline script, and a path with variables.
 */
export function startedFile(
  task: TaskDocument,
  environment: Environment,
  places: ContainerPlaces = new ContainerPlaces(task, environment),
): StartedFile | undefined {
  const { run } = task.config;
  const command = shellCommand(run);
  // A whole command line is no file; `command-line-path` tells of it.
  if (!command && commandInPath(task, environment)) return undefined;
  const base = effectivePath(run.dir ?? '');
  const written = command ? run.args?.[command.file ?? -1] : run.path;
  if (written === undefined || written === '' || (!command && !written.includes('/'))) return undefined;
  const path = containerPath(written, base);
  if (path === undefined) return undefined;
  const named = command ? ['run', 'args', command.file ?? 0] : ['run', 'path'];
  return { ...places.at(path), named, written, shell: command?.shell };
}

/** A script file of an input. */
export interface ScriptFile extends StartedFile {
  /** Absolute local path. */
  readonly local: string;
  /** Name of the input. */
  readonly input: string;
  readonly text: string;
}

/** The script file that a task starts, when it is there and can be read; a binary cannot. */
export function scriptFile(task: TaskDocument, environment: Environment): ScriptFile | undefined {
  const started = startedFile(task, environment);
  if (started?.local === undefined || started.mount === undefined) return undefined;
  const text = environment.files?.read(started.local);
  return text === undefined ? undefined : { ...started, local: started.local, input: started.mount.name, text };
}
