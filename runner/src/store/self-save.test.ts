import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { LocalPod } from '../supervisor/testing/local-pod.ts';
import { Supervised } from '../supervisor/supervised.ts';
import { ClaimStore } from './claim-store.ts';
import { POD_SCRIPTS, helperProgram } from './programs.ts';

const sinks = { stdout: () => undefined, stderr: () => undefined };

/** A pod in which a command has written an output and ended, and what its helper would do about it. */
async function endedRun(pod: LocalPod, silenceSeconds: number) {
  const directory = join(pod.root, 'out put');
  await mkdir(directory);
  const store = new ClaimStore(pod.shell(), pod.layout);
  await store.init();
  await new Supervised(pod.shell(), pod.layout).run(
    { path: 'sh', args: ['-c', 'echo result >file; echo said; exit 3'], dir: directory },
    sinks,
  );
  const helper = helperProgram(3, [], pod.layout, {
    run: 'unit-1',
    artifacts: [{ artifact: { run: 'unit-1', name: 'out put' }, directory }],
    silenceSeconds,
  });
  const idle = () => pod.shell(undefined, { ...process.env, ...helper.env }).exec({ command: helper.command });
  return { store, idle, directory };
}

async function text(read: (sink: (chunk: Uint8Array) => void) => Promise<unknown>): Promise<string> {
  const chunks: Uint8Array[] = [];
  await read((chunk) => void chunks.push(Uint8Array.from(chunk)));
  return Buffer.concat(chunks).toString();
}

describe('a helper whose client is gone', () => {
  test('saves outputs and log by itself before it ends', async () => {
    await using pod = await LocalPod.create(POD_SCRIPTS);
    const { store, idle } = await endedRun(pod, 1);
    expect(await idle()).toEqual({ exitCode: 0 });
    expect(await text((sink) => store.readOutputFile({ run: 'unit-1', name: 'out put' }, 'file', sink))).toBe(
      'result\n',
    );
    expect(await text((sink) => store.readLog('unit-1', 'out', sink))).toBe('said\n');
    expect(await text((sink) => store.readLog('unit-1', 'exit', sink))).toMatch(/^3 /);
  }, 30_000);

  test('leaves alone what the client has saved', async () => {
    await using pod = await LocalPod.create(POD_SCRIPTS);
    const { store, idle, directory } = await endedRun(pod, 1);
    await store.saveOutput({ run: 'unit-1', name: 'out put', directory });
    await store.saveLogs('unit-1');
    await writeFile(join(directory, 'file'), 'changed in a shell\n');
    expect(await idle()).toEqual({ exitCode: 0 });
    expect(await text((sink) => store.readOutputFile({ run: 'unit-1', name: 'out put' }, 'file', sink))).toBe(
      'result\n',
    );
  }, 30_000);
});
