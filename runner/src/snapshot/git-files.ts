import { isUtf8 } from 'node:buffer';
import { execFile } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { badName, unreadable } from './errors.ts';

/** Index mode of a submodule's commit. */
export const GITLINK = 0o160000;
/** Index mode of a symbolic link. */
export const INDEX_SYMLINK = 0o120000;

/** One line of git's answer. */
export interface GitFile {
  /** Relative to the asked folder, `/` between parts; ends with `/` for an untracked repository inside. */
  readonly path: string;
  /** Mode in the index: `0o100644`, `0o100755`, `0o120000`, `0o160000`; absent for an untracked file. */
  readonly indexMode?: number;
}

/** Why git gave no list. `no-repository` is an ordinary case, the others are worth a word to the user. */
export interface GitRefusal {
  readonly refusal: 'no-repository' | 'no-git' | 'failed';
  readonly message: string;
}

/**
 * Tracked files and untracked ones that are not ignored, as `git ls-files` sees them from `folder`: index,
 * `.gitignore` files, `.git/info/exclude` and `core.excludesFile` are git's own business. Files that a sparse checkout
 * left out (skip-worktree) are not listed. A submodule is one line; it is not entered.
 *
 * @throws SnapshotError when a name is no valid UTF-8 or git could not look into a folder
 */
export async function gitFiles(folder: string, signal?: AbortSignal): Promise<GitFile[] | GitRefusal> {
  const args = ['ls-files', '-z', '-t', '-s', '--cached', '--others', '--exclude-standard'];
  const answer = await git(folder, args, signal);
  if ('refusal' in answer) return answer;
  const files: GitFile[] = [];
  for (const line of records(answer.stdout)) {
    const tag = line[0];
    if (tag === 0x53 /* S: skip-worktree */) continue;
    // "? path" for an untracked file, "H 100644 <object> 0<TAB>path" for a tracked one.
    if (tag === 0x3f) {
      files.push({ path: decode(folder, line.subarray(2)) });
      continue;
    }
    const tab = line.indexOf(0x09);
    const indexMode = Number.parseInt(line.toString('latin1', 2, 8), 8);
    files.push({ path: decode(folder, line.subarray(tab + 1)), indexMode });
  }
  return files;
}

/** What git ignores below `folder`; a folder that is ignored as a whole is one line that ends with `/`. */
export async function gitIgnored(folder: string, signal?: AbortSignal): Promise<string[] | GitRefusal> {
  const args = ['ls-files', '-z', '--others', '--ignored', '--exclude-standard', '--directory'];
  const answer = await git(folder, args, signal);
  return 'refusal' in answer ? answer : records(answer.stdout).map((line) => decode(folder, line));
}

function records(bytes: Buffer): Buffer[] {
  const lines: Buffer[] = [];
  for (let start = 0; start < bytes.length;) {
    const end = bytes.indexOf(0, start);
    lines.push(bytes.subarray(start, end === -1 ? bytes.length : end));
    start = end === -1 ? bytes.length : end + 1;
  }
  return lines;
}

function decode(folder: string, bytes: Buffer): string {
  const text = bytes.toString('utf8');
  // The text's replacement characters are the error's evidence; a pattern cannot name such a file, its folder can be.
  if (!isUtf8(bytes)) throw badName(join(folder, text));
  return text;
}

/** Only git's own view of the folder counts: a hook or terminal that set GIT_DIR and the like must not redirect it. */
function environment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^GIT_/i.test(name));
  return { ...Object.fromEntries(kept), LC_ALL: 'C', GIT_OPTIONAL_LOCKS: '0', GIT_TERMINAL_PROMPT: '0' };
}

function git(folder: string, args: string[], signal?: AbortSignal): Promise<{ stdout: Buffer } | GitRefusal> {
  return new Promise((resolve, reject) => {
    execFile(
      'git',
      // A repository's own fsmonitor setting is a command line; listing files must not run it.
      ['-c', 'core.fsmonitor=false', '-C', folder, ...args],
      {
        // On Windows the current directory is searched for `git.exe` first; that must not be the workspace.
        cwd: tmpdir(),
        env: environment(),
        encoding: 'buffer',
        maxBuffer: 2 ** 30,
        windowsHide: true,
        ...(signal === undefined ? {} : { signal }),
      },
      (error, stdout, stderrBytes) => {
        const stderr = stderrBytes.toString('utf8').trim();
        if (signal?.aborted === true) {
          reject(signal.reason instanceof Error ? signal.reason : new Error('aborted'));
        } else if (error === null) {
          // git goes on with exit code 0 when it may not open a folder; its files would be missing without a word.
          const closed = /could not open directory '(.+?)\/?': (.+)/.exec(stderr);
          if (closed === null) resolve({ stdout });
          else reject(unreadable(join(folder, closed[1] ?? ''), new Error(closed[2])));
        } else if (error.code === 'ENOENT') {
          resolve({ refusal: 'no-git', message: 'git was not found' });
        } else if (/not a git repository/.test(stderr)) {
          resolve({ refusal: 'no-repository', message: stderr });
        } else {
          const line = stderr.split('\n').find((text) => text.startsWith('fatal:')) ?? stderr.split('\n')[0] ?? '';
          resolve({ refusal: 'failed', message: line === '' ? error.message : line });
        }
      },
    );
  });
}
