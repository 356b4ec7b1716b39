/** The program behind `tarmac`: one call, from the process's arguments to its end. */
import { processIo } from './process-io.ts';
import { realServices } from './real-services.ts';
import { runCli } from './run.ts';
import { version } from './version.ts';

async function main(): Promise<void> {
  const io = processIo();
  const code = await runCli(process.argv.slice(2), io, realServices(), version);
  // Everything printed reaches the reader before the process ends; nothing that is still open may hold it back.
  process.stdout.write('', () => process.stderr.write('', () => process.exit(code === 0 ? process.exitCode : code)));
}

void main();
