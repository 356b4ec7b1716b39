/** Real files, real watches of the operating system, real git; the runs are the test's. */
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { git, temporaryDirectory, writeTree } from '../snapshot/test-tree.ts';
import type { WatchChange } from './change.ts';
import { FolderWatch } from './folder-watch.ts';
import type { WatchSubject } from './look.ts';
import { watchTask, type WatchNotice } from './watch.ts';

const times = { quietMs: 40, restlessMs: 5000, busyEveryMs: 20, busyLimitMs: 30_000 };

let place: ReturnType<typeof temporaryDirectory>;
let root = '';
beforeEach(() => {
  place = temporaryDirectory();
  root = join(place.path, 'repo');
  mkdirSync(root);
});
afterEach(() => place[Symbol.dispose]());

/** A watch whose runs end at once; `next` waits for the run that is not yet seen. */
class Watched implements AsyncDisposable {
  readonly changes: WatchChange[] = [];
  readonly notices: WatchNotice[] = [];
  readonly subject: { -readonly [K in keyof WatchSubject]: WatchSubject[K] };
  readonly #cancel = new AbortController();
  readonly #done: Promise<void>;
  #seen = 0;
  #wake: () => void = () => undefined;

  constructor(subject: Partial<WatchSubject> = {}, recursive = false) {
    this.subject = {
      folders: [root],
      files: [],
      outputs: [],
      includeIgnored: false,
      includeGit: false,
      wrong: [],
      ...subject,
    };
    this.#done = watchTask({
      cwd: root,
      stateDir: join(place.path, 'state'),
      whileRunning: 'restart',
      subject: () => Promise.resolve({ ...this.subject }),
      run: (change) => {
        this.changes.push(change);
        this.#wake();
        return Promise.resolve();
      },
      onNotice: (notice) => {
        this.notices.push(notice);
        this.#wake();
      },
      openChanges: (listener) => new FolderWatch(listener, recursive),
      times,
      signal: this.#cancel.signal,
    });
  }

  async until(condition: () => boolean): Promise<void> {
    const ended = this.#done.then(() => Promise.reject(new Error('the watch has ended')));
    ended.catch(() => undefined);
    while (!condition()) await Promise.race([new Promise<void>((resolve) => (this.#wake = resolve)), ended]);
  }

  /** The paths of the next run. */
  async next(): Promise<readonly string[]> {
    this.#seen += 1;
    await this.until(() => this.changes.length >= this.#seen);
    return this.changes[this.#seen - 1]?.paths ?? [];
  }

  /** Changes a file and waits for its run: what came before it and does not matter has started none. */
  async saves(path: string, content: string): Promise<void> {
    writeFileSync(join(root, path), content);
    expect(await this.next()).toEqual([path]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#cancel.abort();
    await this.#done;
  }
}

describe.each([
  ['a watch for each folder', false],
  ['a recursive watch', true],
])('%s', (_name, recursive) => {
  it('runs at first, and for what is written, added and removed', async () => {
    writeTree(root, { 'a.txt': 'a', 'src/b.txt': 'b' });
    await using watched = new Watched({}, recursive);
    expect(await watched.next()).toEqual([]);
    expect(watched.changes[0]?.files).toBe(2);
    await watched.saves('src/b.txt', 'changed');
    writeTree(root, { 'src/new.txt': 'n' });
    expect(await watched.next()).toEqual(['src/new.txt']);
    rmSync(join(root, 'a.txt'));
    expect(await watched.next()).toEqual(['a.txt']);
  });

  it('sees a file in a folder that was made, and left empty, before', async () => {
    writeTree(root, { 'a.txt': 'a', 'there/empty': null });
    git(root, 'init');
    await using watched = new Watched({}, recursive);
    await watched.next();
    mkdirSync(join(root, 'made/deep/er'), { recursive: true });
    await watched.saves('a.txt', 'after the folder was made');
    await watched.saves('made/deep/er/x.txt', 'x');
    await watched.saves('there/empty/y.txt', 'y');
  });

  it('starts nothing for what is ignored, nor for what the run writes', async () => {
    writeTree(root, { '.gitignore': '*.log\n/node_modules\n', 'a.txt': 'a', 'app.log': '', 'out/bin': '' });
    git(root, 'init');
    await using watched = new Watched({ outputs: [join(root, 'out')] }, recursive);
    await watched.next();
    writeTree(root, { 'app.log': 'line', 'node_modules/x/y.js': 'y', 'out/bin': 'new', 'out/more/bin': 'new' });
    await watched.saves('a.txt', 'b');
    expect(watched.changes).toHaveLength(2);
  });

  it('sees what an ignore file lets in', async () => {
    writeTree(root, { '.gitignore': 'data\n', 'a.txt': 'a', 'data/x.csv': '1' });
    git(root, 'init');
    await using watched = new Watched({}, recursive);
    await watched.next();
    writeFileSync(join(root, 'data/x.csv'), '2');
    await watched.saves('a.txt', 'b');
    writeFileSync(join(root, '.gitignore'), '');
    expect(await watched.next()).toEqual(['.gitignore', 'data/x.csv']);
    await watched.saves('data/x.csv', '3');
  });

  it('waits for a folder that is gone, and takes it up again', async () => {
    writeTree(root, { 'a.txt': 'a' });
    await using watched = new Watched({}, recursive);
    await watched.next();
    renameSync(root, `${root}-away`);
    await watched.until(() => watched.notices.some(({ kind }) => kind === 'blocked'));
    writeTree(root, { 'a.txt': 'another' });
    expect(await watched.next()).toEqual(['a.txt']);
    await watched.saves('a.txt', 'a third');
  });
});

it('a switch of branches over 3,000 files is one run', { timeout: 120_000 }, async () => {
  git(root, 'init', '-b', 'other');
  writeTree(root, { 'a.txt': 'a' });
  git(root, 'add', '.');
  git(root, 'commit', '-q', '-m', 'other');
  git(root, 'checkout', '-q', '-b', 'main');
  const files = Array.from({ length: 3000 }, (_, file) => [`src/${file % 50}/${file}.txt`, 'main']);
  writeTree(root, Object.fromEntries(files) as Record<string, string>);
  git(root, 'add', '.');
  git(root, 'commit', '-q', '-m', 'main');
  await using watched = new Watched();
  await watched.next();
  git(root, 'checkout', '-q', 'other');
  expect(await watched.next()).toHaveLength(3000);
  await watched.saves('a.txt', 'after it');
  expect(watched.changes).toHaveLength(3);
});

describe('nothing starts', () => {
  const conflict = '<<<<<<< HEAD\nours\n=======\ntheirs\n>>>>>>> other\n';
  const blocked = (watched: Watched) =>
    watched.notices.flatMap((notice) => (notice.kind === 'blocked' ? [notice.reasons] : []));

  it('while a merge is unfinished, in git and without it', async () => {
    writeTree(root, { 'src/a.txt': 'a' });
    await using watched = new Watched();
    await watched.next();
    writeFileSync(join(root, 'src/a.txt'), `1\n${conflict}`);
    await watched.until(() => blocked(watched).length === 1);
    expect(blocked(watched)).toEqual([['src/a.txt:2: merge conflict, finish the merge first']]);
    await watched.saves('src/a.txt', 'merged');
  });

  it('but for a file that was committed with markers', async () => {
    writeTree(root, { 'test/conflict.txt': conflict, 'a.txt': 'a' });
    git(root, 'init');
    git(root, 'add', '.');
    git(root, 'commit', '-q', '-m', 'a test of a merge tool');
    await using watched = new Watched();
    await watched.next();
    await watched.saves('a.txt', 'b');
    writeFileSync(join(root, 'test/conflict.txt'), `another\n${conflict}`);
    await watched.until(() => blocked(watched).length === 1);
    expect(blocked(watched)).toEqual([['test/conflict.txt:2: merge conflict, finish the merge first']]);
  });

  it('while the task is wrong', async () => {
    writeTree(root, { 'a.txt': 'a', 'task.yml': 'x' });
    await using watched = new Watched({ files: [join(root, 'task.yml')], wrong: ['task.yml:1:1: bad'] });
    await watched.until(() => blocked(watched).length === 1);
    watched.subject.wrong = [];
    writeFileSync(join(root, 'task.yml'), 'y');
    await watched.next();
    expect(blocked(watched)).toEqual([['task.yml:1:1: bad']]);
    expect(watched.changes).toHaveLength(1);
  });
});

it('a run that goes on is aborted at the end of the watch, and waited for', async () => {
  writeTree(root, { 'a.txt': 'a' });
  const cancel = new AbortController();
  const log: string[] = [];
  await watchTask({
    cwd: root,
    stateDir: join(place.path, 'state'),
    whileRunning: 'restart',
    subject: () =>
      Promise.resolve({
        folders: [root],
        files: [],
        outputs: [],
        includeIgnored: false,
        includeGit: false,
        wrong: [],
      }),
    run: async (_change, signal) => {
      setImmediate(() => cancel.abort());
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      await new Promise(setImmediate);
      log.push('ended');
    },
    onNotice: () => undefined,
    times,
    signal: cancel.signal,
  });
  expect(log).toEqual(['ended']);
});
