/** Where the paths of a container come from. */
import type { TaskDocument } from '../task/document.ts';
import type { Environment } from '../task/environment.ts';
import { taskMounts, type Mount } from '../task/paths.ts';
import { joinLocal } from '../text/local-path.ts';

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
