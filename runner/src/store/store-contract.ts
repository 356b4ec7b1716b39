/**
 * What every artifact store has to do, as one suite. Run on this machine against real shells, and by the cluster tests
 * against a real kubelet.
 */
import { createHash, randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import type { ArtifactStore, OutputRef, TreeSource } from './artifact-store.ts';

/** A place to test in. */
export interface StoreFixture extends AsyncDisposable {
  readonly store: ArtifactStore;
  /** A fresh, empty directory of the pod. */
  directory(): Promise<string>;
  /** Runs a command in the pod and returns its stdout. */
  run(script: string, ...args: string[]): Promise<string>;
}

/** Collects a stream. */
export function collect(): { readonly sink: (chunk: Uint8Array) => void; readonly bytes: () => Buffer } {
  const chunks: Buffer[] = [];
  return { sink: (chunk) => void chunks.push(Buffer.from(chunk)), bytes: () => Buffer.concat(chunks) };
}

/** Bytes as a source of a tree; its id is made up. */
export function sourceOf(
  archive: Buffer,
  options: { readonly announce?: number; readonly chunk?: number } = {},
): TreeSource {
  return {
    tree: createHash('sha256').update('test').update(archive).digest('hex'),
    files: 1,
    bytes: archive.length,
    archiveBytes: options.announce ?? archive.length,
    // eslint-disable-next-line @typescript-eslint/require-await -- a source is an async iterable
    open: async function* () {
      const size = options.chunk ?? 65_536;
      for (let at = 0; at < archive.length; at += size) yield archive.subarray(at, at + size);
    },
  };
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** A unique run's output in a directory. */
function outputOf(name: string, directory: string): OutputRef {
  return { run: `task-${randomBytes(4).toString('hex')}`, name, directory };
}

/** Script that makes files whose names are a nuisance. */
const nuisance = `cd "$1"; mkdir -p "a b/c'd" -- -dash empty; printf one >"a b/c'd/new
line"; printf two >"-dash/$(printf '\\342\\230\\203')"; printf 3 >'star*[x]?'; : >zero; ln -s ../outside link; ln -s /etc/hostname absolute
printf '#!/bin/sh\\n' >run.sh; chmod 755 run.sh`;

/** Prints each file's type, mode, name and content, so that two directories can be compared. */
const describeTree = `cd "$1"; find . | sort | while IFS= read -r f; do stat -c '%F %a %n' "$f" 2>/dev/null; done; find . -type f -exec sha256sum {} + | sort; for l in link absolute; do readlink "$l"; done; true`;

/** Defines the tests. `open` makes a fixture for one test. */
export function storeContract(open: () => Promise<StoreFixture>): void {
  /** A tar archive of a directory with difficult names, made in the pod. */
  async function archiveOf(fixture: StoreFixture): Promise<{ source: string; archive: Buffer }> {
    const source = await fixture.directory();
    await fixture.run(nuisance, source);
    return { source, archive: Buffer.from(await fixture.run('tar -c -f - -C "$1" . | base64', source), 'base64') };
  }

  test('a tree becomes the content of a directory, names, modes and links included', async () => {
    await using fixture = await open();
    const { source, archive } = await archiveOf(fixture);
    const target = await fixture.directory();
    const result = await fixture.store.provide(sourceOf(archive), target);
    expect(result).toEqual({ sent: archive.length, unchanged: false, sha256: sha256(archive) });
    expect(await fixture.run(describeTree, target)).toBe(await fixture.run(describeTree, source));
  });

  test('an empty tree is a tree', async () => {
    await using fixture = await open();
    const target = await fixture.directory();
    await fixture.store.provide(sourceOf(Buffer.alloc(1024)), target);
    expect(await fixture.run('ls -A "$1"', target)).toBe('');
  });

  test('chunks of any size give the same tree', async () => {
    await using fixture = await open();
    const { source, archive } = await archiveOf(fixture);
    for (const chunk of [7, 511, 4096]) {
      const target = await fixture.directory();
      await fixture.store.provide(sourceOf(Buffer.concat([archive, Buffer.alloc(512 * chunk)]), { chunk }), target);
      expect(await fixture.run(describeTree, target)).toBe(await fixture.run(describeTree, source));
    }
  });

  test('progress is reported up to the last byte', async () => {
    await using fixture = await open();
    const { archive } = await archiveOf(fixture);
    let last = 0;
    await fixture.store.provide(sourceOf(archive, { chunk: 999 }), await fixture.directory(), {
      onProgress: ({ bytes, total }) => {
        expect(total).toBe(archive.length);
        expect(bytes).toBeGreaterThan(last);
        last = bytes;
      },
    });
    expect(last).toBe(archive.length);
  });

  test('a source that ends early leaves nothing behind', async () => {
    await using fixture = await open();
    const { archive } = await archiveOf(fixture);
    const target = await fixture.directory();
    const source = sourceOf(archive, { announce: archive.length + 512 });
    await expect(fixture.store.provide(source, target)).rejects.toMatchObject({ name: 'StoreError' });
    expect((await fixture.store.has([source.tree])).size).toBe(0);
    await expect.poll(() => fixture.run('ls -A "$1"', target)).toBe('');
  });

  test('an output is saved, measured and streamed out as it is', async () => {
    await using fixture = await open();
    const directory = await fixture.directory();
    await fixture.run(nuisance, directory);
    const output = outputOf("odd name/with 'quotes'", directory);
    const saved = await fixture.store.saveOutput(output);
    expect(saved).toMatchObject({ files: 5, bytes: 3 + 3 + 1 + 0 + 10, kept: fixture.store.persistent });
    const stream = collect();
    const received = await fixture.store.fetchOutput(output, stream.sink);
    expect(received.bytes).toBe(stream.bytes().length);
    expect(received.sha256).toBe(sha256(stream.bytes()));
    const target = await fixture.directory();
    await fixture.store.provide(sourceOf(stream.bytes()), target);
    expect(await fixture.run(describeTree, target)).toBe(await fixture.run(describeTree, directory));
  });

  test('an empty output is an output', async () => {
    await using fixture = await open();
    const output = outputOf('empty', await fixture.directory());
    expect(await fixture.store.saveOutput(output)).toMatchObject({ files: 0, bytes: 0 });
    const stream = collect();
    expect((await fixture.store.fetchOutput(output, stream.sink)).bytes).toBeGreaterThanOrEqual(1024);
  });

  test('an output is listed without fetching it', async () => {
    await using fixture = await open();
    const directory = await fixture.directory();
    await fixture.run(nuisance, directory);
    const output = outputOf('listed', directory);
    await fixture.store.saveOutput(output);
    const members = await fixture.store.listOutput(output);
    const listed = await fixture.run(
      String.raw`cd "$1"; find . ! -name . -print0 | tr '\n\0' '\001\n' | sort | tr '\n\001' '\0\n'`,
      directory,
    );
    expect(members.map(({ path }) => path).sort()).toEqual(
      listed
        .split('\0')
        .filter((path) => path !== '')
        .map((path) => path.replace(/^\.\//, ''))
        .sort(),
    );
    expect(members.find(({ path }) => path === 'run.sh')).toMatchObject({ type: 'file', size: 10, executable: true });
    for (const { mtimeMs } of members) expect(Math.abs(Date.now() - mtimeMs)).toBeLessThan(3_600_000);
  });

  test.each(["a b/c'd/new\nline", '-dash/☃', 'star*[x]?', 'zero', 'run.sh'])(
    'one file of an output is read: %j',
    async (path) => {
      await using fixture = await open();
      const directory = await fixture.directory();
      await fixture.run(nuisance, directory);
      const output = outputOf('files', directory);
      await fixture.store.saveOutput(output);
      const expected = await fixture.run('cat "$1/$2"', directory, path);
      const stream = collect();
      await fixture.store.readOutputFile(output, path, stream.sink);
      expect(stream.bytes().toString()).toBe(expected);
    },
  );

  test('what is not there is MISSING', async () => {
    await using fixture = await open();
    const output = outputOf('nothing', `${await fixture.directory()}/gone`);
    await expect(fixture.store.fetchOutput(output, () => undefined)).rejects.toMatchObject({ kind: 'MISSING' });
    await expect(fixture.store.readOutputFile(output, 'x', () => undefined)).rejects.toMatchObject({ kind: 'MISSING' });
    await expect(fixture.store.listOutput(output)).rejects.toMatchObject({ kind: 'MISSING' });
  });

  test.each(['../x', '/etc/passwd', 'a/../../b', '', 'a//b', 'nul\0'])(
    'a path out of the artifact is refused: %j',
    async (path) => {
      await using fixture = await open();
      const output = outputOf('out', await fixture.directory());
      await expect(async () => fixture.store.readOutputFile(output, path, () => undefined)).rejects.toThrow(TypeError);
    },
  );
}
