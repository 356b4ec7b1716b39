/** Uploads whose connections break at any byte: what is in the pod in the end is what was sent, and nothing went twice. */
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { packTree } from '../archive/pack.ts';
import { takeSnapshot } from '../snapshot/snapshot.ts';
import { seededRandom, temporaryDirectory, writeTree } from '../snapshot/test-tree.ts';
import { hasBusyBox, LocalPod, type StdinCut } from '../supervisor/testing/local-pod.ts';
import { treeSource, type ArtifactStore } from './artifact-store.ts';
import { ClaimStore } from './claim-store.ts';
import { DirectStore } from './direct-store.ts';
import { POD_SCRIPTS } from './programs.ts';
import type { StoreShell } from './types.ts';

/** Whether this exec is a connection of an upload: the others are not cut. */
function isUpload({ command }: { readonly command: readonly string[] }): boolean {
  return command.some((word) => /(^|\/)receive$/.test(word));
}

/** A shell that notes which bytes of the archive were announced and which acknowledged, in order. */
function watched(shell: StoreShell): { readonly shell: StoreShell; readonly log: WireLog } {
  const log: WireLog = { connections: 0, sentTwice: [], acknowledged: 0 };
  return {
    log,
    shell: {
      exec(request) {
        if (!isUpload(request)) {
          return shell.exec(request);
        }
        log.connections += 1;
        // A pod is told nothing before it has said what it has: segments go on from there.
        let at = 0;
        const stdin = request.stdin;
        const { stdout } = request;
        return shell.exec({
          ...request,
          ...(stdin
            ? {
                stdin: (async function* () {
                  for await (const chunk of stdin) {
                    const [, length] = chunk.length < 64 ? (/^S (\d+) /.exec(Buffer.from(chunk).toString()) ?? []) : [];
                    if (length !== undefined) {
                      if (at < log.acknowledged) log.sentTwice.push(at);
                      at += Number(length);
                    }
                    yield chunk;
                  }
                })(),
              }
            : {}),
          stdout: async (chunk) => {
            for (const [, word, bytes] of Buffer.from(chunk)
              .toString()
              .matchAll(/^([HA]) (\d+)$/gm)) {
              if (word === 'H') at = Number(bytes);
              log.acknowledged = Math.max(log.acknowledged, Number(bytes));
            }
            await stdout?.(chunk);
          },
        });
      },
    },
  };
}

interface WireLog {
  connections: number;
  sentTwice: number[];
  acknowledged: number;
}

const stores: readonly (readonly [string, (pod: LocalPod, shell: StoreShell) => Promise<ArtifactStore>])[] = [
  [
    'ClaimStore',
    async (pod, shell) => {
      const store = new ClaimStore(shell, pod.layout);
      await store.init();
      return store;
    },
  ],
  ['DirectStore', (pod, shell) => Promise.resolve(new DirectStore(shell, pod.layout))],
];

async function digestOf(root: string): Promise<string> {
  return (await takeSnapshot(root, { includeIgnored: true })).digest;
}

describe.skipIf(!hasBusyBox).each(stores)('an upload to %s', (_, open) => {
  test.each([1, 2])('goes on behind what was acknowledged, cuts of seed %i', async (seed) => {
    const random = seededRandom(seed);
    using local = temporaryDirectory();
    const bytes = (count: number): Buffer =>
      Buffer.from(Array.from({ length: count }, () => Math.floor(random() * 256)));
    writeTree(local.path, {
      big: bytes(2 << 20),
      'a/b/small': 'x',
      empty: null,
      'run.sh': { content: '#!/bin/sh\n', mode: 0o755 },
    });
    await using pod = await LocalPod.create(POD_SCRIPTS);
    let left = 9;
    const cuts = (): StdinCut | undefined =>
      (left -= 1) < 0
        ? undefined
        : {
            afterBytes: 1 + Math.floor(random() * 600_000),
            how: (['close', 'kill', 'silence'] as const)[Math.floor(random() * 3)] ?? 'kill',
          };
    const cut = pod.shell(undefined, undefined, (request) => (isUpload(request) ? cuts() : undefined));
    const { shell, log } = watched(cut);
    const store = await open(pod, shell);
    const target = join(pod.root, 'input-0');
    await mkdir(target);
    const snapshot = await takeSnapshot(local.path, { includeIgnored: true });
    let reconnected = 0;
    const result = await store.provide(treeSource(snapshot), target, { onReconnect: () => (reconnected += 1) });
    expect(await digestOf(target)).toBe(snapshot.digest);
    const hash = createHash('sha256');
    for await (const chunk of packTree(snapshot)) hash.update(chunk);
    const sha256 = hash.digest('hex');
    expect(result).toEqual({ sent: treeSource(snapshot).archiveBytes, unchanged: false, sha256 });
    expect(log.sentTwice).toEqual([]);
    expect(log.connections).toBe(reconnected + 1);
    expect(reconnected).toBeGreaterThan(3);
    expect(await readFile(join(pod.layout.tarmac, 'helper/inputs/input-0'), 'utf8')).toBe(`${sha256} ${result.sent}\n`);
    // Nothing is left of the segments, and nothing half written in the store.
    const uploads = join(pod.layout.tarmac, 'helper/uploads');
    for (const name of await readdir(uploads)) expect(await readdir(join(uploads, name, 'q'))).toEqual([]);
    if (store.persistent) expect(await readdir(join(pod.layout.artifacts, 'tarmac/v1/tmp'))).toEqual([]);
  });
});
