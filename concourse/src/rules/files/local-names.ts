/** Finding what a path that leads to nothing was meant to be. */
import type { Files } from '../../task/environment.ts';
import { joinLocal } from '../../text/local-path.ts';
import type { ScalarNode } from '../../yaml/nodes.ts';
import { didYouMean } from '../../text/suggest.ts';

/** A path that leads to nothing. */
export interface MissingPath {
  /** The first part that is not there. */
  readonly part: string;
  /** True when only the last part is missing. */
  readonly last: boolean;
  /** The path with that part spelt like a name that is there; only when all of it exists then. */
  readonly suggestion: string | undefined;
}

/**
 * Walks down from a directory.
 *
 * @param rest path below it, with slashes
 * @returns undefined when everything is there, or the directory itself is not
 */
export function findMissing(files: Files, directory: string, rest: string): MissingPath | undefined {
  if (files.stat(directory)?.type !== 'directory' || files.stat(joinLocal(directory, rest))) return undefined;
  const parts = rest.split('/');
  let at = directory;
  for (const [index, part] of parts.entries()) {
    const next = joinLocal(at, part);
    if (files.stat(next)) {
      at = next;
      continue;
    }
    const names = (files.list(at) ?? []).map(({ name }) => name);
    const meant = didYouMean(part, names);
    const whole = meant === undefined ? undefined : parts.with(index, meant).join('/');
    const exists = whole !== undefined && files.stat(joinLocal(directory, whole)) !== undefined;
    return { part, last: index === parts.length - 1, suggestion: exists ? whole : undefined };
  }
  return undefined;
}

/** YAML for a text in place of a scalar on one line; undefined for one that is written over several. */
export function scalarInPlace(node: ScalarNode, text: string): string | undefined {
  if (node.text.includes('\n')) return undefined;
  return /^[A-Za-z_./][\w./@+-]*$/.test(text) && text.includes('/') ? text : JSON.stringify(text);
}

/** The written path with another ending; undefined when it does not end as it should. */
export function withEnding(written: string, ending: string, replacement: string): string | undefined {
  return written.endsWith(ending) ? written.slice(0, written.length - ending.length) + replacement : undefined;
}
