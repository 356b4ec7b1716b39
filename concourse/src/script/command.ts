/** Commands that start a shell: `sh -ec SCRIPT`, `bash FILE`, `env bash …`, `busybox sh …`. */
import type { RunConfig } from '../task/config.ts';

/** Shells whose language the script analysis reads. */
export const SHELLS: ReadonlySet<string> = new Set(['sh', 'ash', 'bash', 'dash', 'ksh', 'mksh', 'rbash', 'zsh']);

/** Commands that run the command that follows them. */
const WRAPPERS: ReadonlySet<string> = new Set(['env', 'busybox', 'dumb-init', 'tini', 'nohup', 'setsid']);

/** A command line that starts a shell. */
export interface ShellCommand {
  /** Name without directory, e.g. `bash`. */
  readonly shell: string;
  /** Options set on the command line, as `set -o` names them. */
  readonly options: ReadonlySet<string>;
  /** Position in `args` of the script's text (`-c`). */
  readonly script?: number;
  /** Position in `args` of the script's file. */
  readonly file?: number;
}

/** Letters of `set` with the names that `set -o` has for them (POSIX, set). */
export const OPTION_LETTERS: Readonly<Record<string, string>> = {
  e: 'errexit',
  u: 'nounset',
  x: 'xtrace',
  v: 'verbose',
  f: 'noglob',
  n: 'noexec',
  a: 'allexport',
  C: 'noclobber',
};

/** The last part of a path. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** Skips `env`, `busybox` and the like; returns the index of the command that runs in the end. */
function skipWrappers(words: readonly string[]): number {
  let index = 0;
  while (WRAPPERS.has(baseName(words[index] ?? ''))) {
    index++;
    while (/^(?:-|[A-Za-z_]\w*=)/.test(words[index] ?? '')) index++;
  }
  return index;
}

/**
 * Reads the command of a task.
 *
 * @returns undefined when it starts no shell
 */
export function shellCommand(run: RunConfig): ShellCommand | undefined {
  const args = run.args ?? [];
  const words = [run.path, ...args];
  const start = skipWrappers(words);
  const shell = baseName(words[start] ?? '');
  if (!SHELLS.has(shell)) return undefined;
  const options = new Set<string>();
  let inline = false;
  let index = start + 1;
  for (; index < words.length; index++) {
    const word = words[index] ?? '';
    if (word === '--' || word === '-') {
      index++;
      break;
    }
    if (!/^[-+]./.test(word)) break;
    if (word.startsWith('--')) {
      if (word === '--rcfile' || word === '--init-file') index++;
      continue;
    }
    const on = word.startsWith('-');
    if (word.slice(1).includes('c')) inline = true;
    for (const letter of word.slice(1)) {
      const name = letter === 'o' ? words[++index] : OPTION_LETTERS[letter];
      if (letter === 'O') index++;
      if (name === undefined) continue;
      if (on) options.add(name);
      else options.delete(name);
    }
  }
  // Positions in `args`, which begin after `run.path`.
  const found = index < words.length ? { [inline ? 'script' : 'file']: index - 1 } : {};
  return { shell, options, ...found };
}
