/** The script of a task that lies in a file of an input. */
import { containerPath } from '../text/container-path.ts';
import type { TaskDocument } from '../task/document.ts';
import type { Environment } from '../task/environment.ts';
import { effectivePath } from '../task/paths.ts';
import type { TaskPath } from '../text/problem.ts';
import { commandInPath } from './command-line.ts';
import { shellCommand } from './command.ts';
import { ContainerPlaces, type ContainerPlace } from './container-places.ts';

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
