/** What surrounds one task: the files around it, the folders of its inputs, the configured variables. */
import { isAbsolute, resolve } from 'node:path';
import {
  type ConfiguredVars,
  type Environment,
  type Files,
  loadVars,
  matchInputFolders,
  type Target,
  type TaskDocument,
} from '#concourse';
import type { PipelineUse } from './pipeline-index.ts';

/** Where a task stands and what is configured for it. All paths but those of settings are absolute. */
export interface Surroundings {
  readonly target: Target;
  /** Absent: there is no file system, or the text is not on disk. */
  readonly files?: Files | undefined;
  /** The task file. */
  readonly path?: string | undefined;
  /** Open folders; for a terminal its directory. */
  readonly workspaceFolders: readonly string[];
  /** What relative paths in settings count from. */
  readonly base?: string | undefined;
  /** Folder by name of the input. */
  readonly inputs?: Readonly<Record<string, string>>;
  /** Folder by name of the input in the last run of this task; absolute. */
  readonly remembered?: ReadonlyMap<string, string> | undefined;
  readonly varsFiles?: readonly string[];
  /** The steps of pipelines that name the task file; absent where nobody has looked for them. */
  readonly uses?: readonly PipelineUse[] | undefined;
}

/** The environment of one task. */
export function environmentOf(task: TaskDocument, surroundings: Surroundings): Environment {
  const { target, files, path, base, workspaceFolders, remembered, uses } = surroundings;
  if (files === undefined) return { target, path, inputFolders: new Map() };
  const absolute = (given: string): string => (isAbsolute(given) || base === undefined ? given : resolve(base, given));
  const settings = new Map(Object.entries(surroundings.inputs ?? {}).map(([name, folder]) => [name, absolute(folder)]));
  const inputFolders = matchInputFolders(task, {
    files,
    taskPath: path,
    workspaceFolders,
    settings,
    remembered,
    checkouts: uses && new Set(uses.flatMap(({ checkouts }) => checkouts)),
  });
  // Variables of a pipeline are set where the pipeline is set: nothing is known about them here.
  const vars =
    task.place === 'pipeline' ? undefined : configuredVars((surroundings.varsFiles ?? []).map(absolute), files);
  return {
    target,
    files,
    inputFolders,
    path,
    vars,
    uses: task.place === 'pipeline' ? undefined : uses,
  };
}

/**
 * Values from the configured files that can be read; undefined when none is configured.
 *
 * @param paths absolute
 */
export function configuredVars(paths: readonly string[], files: Files): ConfiguredVars | undefined {
  if (paths.length === 0) return undefined;
  const read = paths.flatMap((path) => {
    const text = files.read(path);
    return text === undefined ? [] : [{ path, text }];
  });
  return { values: loadVars({ files: read }).vars, files: read.map(({ path }) => path) };
}
