/** Entry of the `tarmac` command. */
import { enableCompileCache } from 'node:module';
import { compileCacheDir } from '#workspace/compile-cache';
import { processIo } from './process-io.ts';
import { realServices } from './real-services.ts';
import { runCli } from './run.ts';
import { version } from './version.ts';

// The runner, which is loaded when it is needed, comes compiled from this user's cache: that is a tenth of the work before
// the cluster is asked. Where the folder cannot be used, Node compiles as ever.
enableCompileCache(compileCacheDir(process.env));

async function main(): Promise<void> {
  const io = processIo();
  const code = await runCli(process.argv.slice(2), io, realServices(), version);
  // Everything printed reaches the reader before the process ends; nothing that is still open may hold it back.
  process.stdout.write('', () => process.stderr.write('', () => process.exit(code === 0 ? process.exitCode : code)));
}

void main();
