/** `tarmac shell`: a terminal in a run's container, as `fly intercept` gives one. */
import type { ShellRequest } from '#runner/model';
import { withRunner, type ClusterFlags, type CommandContext } from '../context.ts';
import { signalExitCode, type StopSignal } from '../io.ts';
import { resolveRun } from '../run-name.ts';

/**
 * Opens a shell, or runs the command after `--`, in the run's main container.
 * @returns the exit code of the shell or command
 */
export async function shell(name: string, flags: ClusterFlags, context: CommandContext): Promise<number> {
  const { io } = context;
  const end = new AbortController();
  let stopped: StopSignal | undefined;
  const handler = io.onStop((signal) => {
    if (stopped) io.exit(signalExitCode(stopped));
    stopped = signal;
    end.abort();
  });
  // fly decides by stdout alone; with a piped stdin a remote terminal would echo it and never see its end.
  const tty = io.stdin.isTTY && io.stdout.isTTY;
  try {
    return await withRunner(
      context,
      flags,
      async (runner, runnerContext) => {
        const run = await resolveRun(name, runner, runnerContext);
        const request: ShellRequest = {
          command: context.tail,
          stdin: io.stdin.chunks(end.signal),
          stdout: (chunk) => io.stdout.write(chunk),
          stderr: (chunk) => io.stderr.write(chunk),
          tty,
          resize: tty ? io.sizes(end.signal) : undefined,
          signal: end.signal,
        };
        if (!tty) return runner.openShell(run, request, runnerContext);
        // Only now: until the remote end is there, Ctrl-C has to work here.
        const raw = io.stdin.raw();
        try {
          return await runner.openShell(run, request, runnerContext);
        } finally {
          raw[Symbol.dispose]();
        }
      },
      { signal: end.signal },
    );
  } catch (error) {
    if (stopped) return signalExitCode(stopped);
    throw error;
  } finally {
    // Ends the reading of stdin and of sizes, which would keep the process alive.
    end.abort();
    handler[Symbol.dispose]();
  }
}
