/** Variables as the command line is given them, with the files that are named read. */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { expandPath } from './glob.ts';
import type { VarSources } from './services.ts';

/** The flags for `((vars))`, as fly has them. */
export interface VarFlags {
  /** `-v NAME=STRING`. */
  readonly var?: readonly string[];
  /** `-y NAME=YAML`. */
  readonly yamlVar?: readonly string[];
  /** `-l FILE`, which may be a pattern. */
  readonly loadVarsFrom?: readonly string[];
}

/** Reads the files of variables. Adds what is wrong with them to `problems`. */
export async function readVars(flags: VarFlags, cwd: string, problems: string[]): Promise<VarSources> {
  const files: { path: string; text: string }[] = [];
  for (const pattern of flags.loadVarsFrom ?? []) {
    const expanded = expandPath(pattern, cwd);
    if ('problem' in expanded) {
      problems.push(expanded.problem);
      continue;
    }
    try {
      files.push({ path: expanded.path, text: await readFile(resolve(cwd, expanded.path), 'utf8') });
    } catch (error) {
      problems.push(`could not read template variables file (${expanded.path}): ${(error as Error).message}`);
    }
  }
  return { strings: flags.var ?? [], yaml: flags.yamlVar ?? [], files };
}

/** The names of the vars that were given by hand, and the files of vars: what may be written down of them. */
export function varNamesOf({ strings, yaml, files }: VarSources): {
  readonly names: readonly string[];
  readonly files: readonly string[];
} {
  const names = [...strings, ...yaml].map((pair) => pair.split('=', 1)[0] ?? pair);
  return { names: [...new Set(names)], files: files.map(({ path }) => path) };
}
