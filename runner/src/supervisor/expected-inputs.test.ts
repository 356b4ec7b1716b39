import { mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { ExpectedInput } from './command.ts';
import { Supervised, SupervisorError } from './supervised.ts';
import { LocalPod, hasBusyBox } from './testing/local-pod.ts';

const sha = 'a'.repeat(64);
const other = 'b'.repeat(64);

/** Starts a command in a pod whose helper has unpacked something; tells how that went, and whether the command ran. */
async function startOn(unpacked: Readonly<Record<string, string>>, inputs: readonly ExpectedInput[]): Promise<unknown> {
  await using pod = await LocalPod.create();
  const notes = join(pod.layout.tarmac, 'helper', 'inputs');
  await mkdir(notes, { recursive: true });
  for (const [volume, line] of Object.entries(unpacked)) await writeFile(join(notes, volume), line);
  const ran = join(pod.root, 'ran');
  const spec = { path: 'sh', args: ['-c', `: >'${ran}'`], dir: pod.root, inputs };
  const ended = await new Supervised(pod.shell(), pod.layout)
    .run(spec, { stdout: () => undefined, stderr: () => undefined })
    .then(
      ({ exitCode }) => ({ exitCode }),
      (error: unknown) => {
        if (!(error instanceof SupervisorError)) throw error;
        const { code, exitCode, message } = error;
        return { code, exitCode, message };
      },
    );
  const hasRun = await stat(ran).then(
    () => true,
    () => false,
  );
  return { ...ended, hasRun };
}

describe.skipIf(!hasBusyBox)('a command begins on the inputs that were meant, and on nothing else', () => {
  test('what was unpacked is what was expected', async () => {
    const inputs = [{ volume: 'input-0', sha256: sha }, { volume: 'input-1' }];
    const unpacked = { 'input-0': `${sha} 10240\n`, 'input-1': `${other} 10240\n` };
    expect(await startOn(unpacked, inputs)).toEqual({ exitCode: 0, hasRun: true });
  });

  test.each<[string, Record<string, string>, string]>([
    ['nothing was unpacked', {}, `input-0 holds nothing instead of ${sha}`],
    ['another archive was unpacked', { 'input-0': `${other} 10240\n` }, `input-0 holds ${other} instead of ${sha}`],
    ['the note is empty', { 'input-0': '' }, 'input-0 holds nothing'],
    ['another volume got it', { 'input-1': `${sha} 10240\n` }, 'input-0 holds nothing'],
  ])('%s: the command never begins', async (_what, unpacked, says) => {
    const ended = await startOn(unpacked, [{ volume: 'input-0', sha256: sha }]);
    const message = expect.stringContaining(says) as string;
    expect(ended).toEqual({ code: 'START_FAILED', exitCode: 45, message, hasRun: false });
  });

  test('an archive whose digest nobody here knows must at least be there', async () => {
    expect(await startOn({}, [{ volume: 'input-0' }])).toMatchObject({ exitCode: 45, hasRun: false });
  });
});
