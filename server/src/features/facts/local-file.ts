/** Files beside the editor that stand for paths in the container. */
import { ContainerPlaces, readShebang, scriptFile, SHELLS, startedFile, type StartedFile } from '#concourse';
import type { FeatureRequest } from './feature.ts';

/** Finds the local file behind an absolute path of the container: of the input that holds it, when it is there. */
export function localFiles({ task, environment }: FeatureRequest): (path: string) => string | undefined {
  const places = new ContainerPlaces(task, environment);
  return (path) => {
    const { local } = places.at(path);
    return local !== undefined && environment.files?.stat(local)?.type === 'file' ? local : undefined;
  };
}

/** The script or program of an input that a task runs, with its local file. */
export interface CommandFile extends StartedFile {
  /** Absolute. */
  readonly local: string;
}

/** The local file that a task runs; undefined when it runs a program of its image, or when no such file is there. */
export function commandFile({ task, environment }: FeatureRequest): CommandFile | undefined {
  const started = startedFile(task, environment);
  if (started?.local === undefined) return undefined;
  return environment.files?.stat(started.local)?.type === 'file' ? { ...started, local: started.local } : undefined;
}

/** A shell script beside the editor. */
export interface ShellFile {
  /** Absolute. */
  readonly path: string;
  readonly text: string;
}

/** The script file that a task runs, if it is one for a shell. */
export function shellFile({ task, environment }: FeatureRequest): ShellFile | undefined {
  const file = scriptFile(task, environment);
  if (!file) return undefined;
  const shell = file.shell ?? readShebang(file.text)?.interpreter;
  const isShell = shell === undefined ? /\.(?:sh|bash|ash|ksh|zsh)$/.test(file.local) : SHELLS.has(shell);
  return isShell ? { path: file.local, text: file.text } : undefined;
}
