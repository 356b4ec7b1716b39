/** Helpers of the tests of this room: temporary directories, trees written from a table, git repositories. */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A directory that is removed at the end of its scope. */
export function temporaryDirectory(): { readonly path: string } & Disposable {
  const path = mkdtempSync(join(tmpdir(), 'tarmac-test-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

/** Content of a file, `{ link }`, `{ content, mode }`, or null for an empty directory. */
export type TreeNode =
  string | Buffer | null | { readonly link: string } | { readonly content: string; readonly mode: number };

/** Writes a tree given as a table of paths. */
export function writeTree(root: string, tree: Readonly<Record<string, TreeNode>>): void {
  for (const [path, node] of Object.entries(tree)) {
    const full = join(root, path);
    mkdirSync(node === null ? full : dirname(full), { recursive: true });
    if (node === null) continue;
    if (typeof node === 'string' || Buffer.isBuffer(node)) {
      writeFileSync(full, node);
    } else if ('link' in node) {
      symlinkSync(node.link, full);
    } else {
      writeFileSync(full, node.content);
      chmodSync(full, node.mode);
    }
  }
}

/** Runs git in a directory with a fixed identity and without the user's configuration. */
export function git(cwd: string, ...args: string[]): void {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_'));
  const settings = ['-c', 'user.name=t', '-c', 'user.email=t@example.org', '-c', 'protocol.file.allow=always'];
  execFileSync('git', [...settings, ...args], {
    cwd,
    env: { ...Object.fromEntries(kept), GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' },
    stdio: 'pipe',
  });
}

/** A pseudo-random number generator (mulberry32): the same seed, the same numbers in [0, 1). */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
