/** Asks git for the files of a folder: tracked, untracked and ignored ones. */
import { isUtf8 } from 'node:buffer';
import { spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemCode, unreadable } from './errors.ts';

/** What git says beyond this is not kept. */
const LONGEST_STDERR = 1 << 20;

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
  /** The bytes of a path that is no valid UTF-8; `path` has replacement characters then. */
  readonly bytes?: Buffer;
}

/** Why git gave no list. `no-repository` is an ordinary case, the others are worth a word to the user. */
export interface GitRefusal {
  readonly refusal: 'no-repository' | 'no-git' | 'failed';
  readonly message: string;
}

/**
 * Tracked files and untracked ones that are not ignored, as `git ls-files` sees them from `folder`: index,
 * `.gitignore` files, `.git/info/exclude` and `core.excludesFile` are git's own business. Files that a sparse checkout
 * left out (skip-worktree) are not listed. A submodule is one line; it is not entered. Each line goes to `take` as it
 * comes, because they may be very many.
 *
 * @returns undefined when git gave the whole list
 * @throws SnapshotError when git could not look into a folder
 */
export async function gitFiles(
  folder: string,
  signal: AbortSignal | undefined,
  take: (file: GitFile) => void,
): Promise<GitRefusal | undefined> {
  const args = ['ls-files', '-z', '-t', '-s', '--cached', '--others', '--exclude-standard'];
  return await git(folder, args, signal, (line) => {
    const tag = line[0];
    if (tag === 0x53 /* S: skip-worktree */) return;
    // "? path" for an untracked file, "H 100644 <object> 0<TAB>path" for a tracked one.
    if (tag === 0x3f) {
      take(decode(line.subarray(2)));
    } else {
      const indexMode = Number.parseInt(line.toString('latin1', 2, 8), 8);
      take({ ...decode(line.subarray(line.indexOf(0x09) + 1)), indexMode });
    }
  });
}

/** What git ignores below `folder`; a folder that is ignored as a whole is one line that ends with `/`. */
export async function gitIgnored(folder: string, signal?: AbortSignal): Promise<string[] | GitRefusal> {
  const args = ['ls-files', '-z', '--others', '--ignored', '--exclude-standard', '--directory'];
  const paths: string[] = [];
  const refusal = await git(folder, args, signal, (line) => {
    const { path, bytes } = decode(line);
    // No pattern can ask such a name back.
    if (bytes === undefined) paths.push(path);
  });
  return refusal ?? paths;
}

/**
 * Those of the paths that are tracked and hold what the last commit has. None where git cannot say. At most a few
 * hundred paths: they are arguments.
 */
export async function gitCommitted(
  folder: string,
  paths: readonly string[],
  signal?: AbortSignal,
): Promise<ReadonlySet<string>> {
  const named = paths.map((path) => `:(literal)${path}`);
  const tracked = new Set<string>();
  const listed = await git(folder, ['ls-files', '-z', '--cached', '--', ...named], signal, (line) => {
    tracked.add(line.toString('utf8'));
  });
  const diff = ['diff', '--name-only', '-z', '--relative', '--no-ext-diff', '--no-textconv', 'HEAD', '--', ...named];
  const compared = await git(folder, diff, signal, (line) => void tracked.delete(line.toString('utf8')));
  return listed === undefined && compared === undefined ? tracked : new Set();
}

/** Cuts what arrives into its records, which end with a NUL; what comes in pieces is put together. */
function recordSink(take: (record: Buffer) => void): (chunk: Buffer) => void {
  let rest = Buffer.alloc(0);
  return (chunk) => {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let start = 0;
    for (let end = bytes.indexOf(0); end !== -1; end = bytes.indexOf(0, start)) {
      take(bytes.subarray(start, end));
      start = end + 1;
    }
    rest = Buffer.from(bytes.subarray(start));
  };
}

function decode(bytes: Buffer): Pick<GitFile, 'path' | 'bytes'> {
  const path = bytes.toString('utf8');
  return isUtf8(bytes) ? { path } : { path, bytes: Buffer.from(bytes) };
}

/** Only git's own view of the folder counts: a hook or terminal that set GIT_DIR and the like must not redirect it. */
function environment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^GIT_/i.test(name));
  return { ...Object.fromEntries(kept), LC_ALL: 'C', GIT_OPTIONAL_LOCKS: '0', GIT_TERMINAL_PROMPT: '0' };
}

/** Runs git; each record of its answer goes to `take`. Undefined when all went well. */
function git(
  folder: string,
  args: string[],
  signal: AbortSignal | undefined,
  take: (record: Buffer) => void,
): Promise<GitRefusal | undefined> {
  return new Promise((resolve, reject) => {
    const child = spawn(
      'git',
      // A repository's own fsmonitor setting is a command line; listing files must not run it.
      ['-c', 'core.fsmonitor=false', '-C', folder, ...args],
      {
        // On Windows the current directory is searched for `git.exe` first; that must not be the workspace.
        cwd: tmpdir(),
        env: environment(),
        stdio: ['ignore', 'pipe', 'pipe'],
        windowsHide: true,
        signal,
      },
    );
    let stderrText = '';
    child.stdout.on('data', recordSink(take));
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      if (stderrText.length < LONGEST_STDERR) stderrText += text;
    });
    child.on('error', (error) => {
      // An abort kills git: its end is waited for.
      if (signal?.aborted === true) return;
      if (systemCode(error) === 'ENOENT') resolve({ refusal: 'no-git', message: 'git was not found' });
      else resolve({ refusal: 'failed', message: error.message });
    });
    child.on('close', (code, killedBy) => {
      const stderr = stderrText.trim();
      if (signal?.aborted === true) {
        reject(signal.reason instanceof Error ? signal.reason : new Error('aborted'));
      } else if (code === 0) {
        // git goes on with exit code 0 when it may not open a folder; its files would be missing without a word. One that
        // was removed meanwhile has no files.
        const closed = [...stderr.matchAll(/could not open directory '(.+?)\/?': (.+)/g)].find(
          ([, , reason = '']) => !/^(No such file or directory|Not a directory)$/.test(reason.trim()),
        );
        if (closed === undefined) resolve(undefined);
        else reject(unreadable(join(folder, closed[1] ?? ''), new Error(closed[2])));
      } else if (/not a git repository/.test(stderr)) {
        resolve({ refusal: 'no-repository', message: stderr });
      } else {
        const line = stderr.split('\n').find((text) => text.startsWith('fatal:')) ?? stderr.split('\n')[0] ?? '';
        const ended = code === null ? `git was ended by ${killedBy ?? 'a signal'}` : `git ended with exit code ${code}`;
        resolve({ refusal: 'failed', message: line === '' ? ended : line });
      }
    });
  });
}
