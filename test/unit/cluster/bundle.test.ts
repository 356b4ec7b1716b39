import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { expect, test } from 'vitest';

test('loading the bundled cluster facade leaves the process-wide fetch dispatcher alone', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'bundle-'));
  try {
    const outfile = join(folder, 'cluster.cjs');
    const { metafile } = await build({
      entryPoints: [join(import.meta.dirname, '../../../runner/src/cluster/cluster.ts')],
      outfile,
      bundle: true,
      metafile: true,
      platform: 'node',
      target: 'node22.15',
      format: 'cjs',
    });
    const inputs = Object.keys(metafile.inputs);
    expect(inputs.filter((path) => /node_modules\/(?:undici|@kubernetes)\//u.test(path))).toEqual([]);
    const script = `
      const { openCluster } = require(${JSON.stringify(outfile)});
      const set = ['1', '2'].filter((each) => globalThis[Symbol.for('undici.globalDispatcher.' + each)] !== undefined);
      console.log(typeof openCluster, set.length);`;
    const { stdout } = await promisify(execFile)(process.execPath, ['-e', script]);
    expect(stdout.trim()).toBe('function 0');
  } finally {
    await rm(folder, { recursive: true });
  }
});
