/** One call of `tarmac`: from arguments to an exit code, with everything handed in. */
import { CommanderError } from 'commander';
import { printErrors, ReportedFailure, type CommandContext } from './context.ts';
import { usageExitCode } from './exit-code.ts';
import { printable } from '#runner/model';
import type { Io } from './io.ts';
import { buildCommands, type CommandTree } from './command-tree.ts';
import type { Services } from './services.ts';
import { UsageError } from './usage.ts';

/** Commands that take arguments verbatim after `--`. */
const takesTail = new Set(['execute', 'e', 'shell', 'intercept', 'hijack']);

/**
 * Runs one command. Never rejects: what went wrong is on stderr, and in the exit code.
 * @param argv without `node` and the script
 */
export async function runCli(argv: readonly string[], io: Io, services: Services, version: string): Promise<number> {
  const { head, tail } = splitArguments(argv);
  const context: CommandContext = { io, services, tail };
  const program = buildCommands(context, version, commandName(head));
  try {
    await program.command.parseAsync(head, { from: 'user' });
    const invocation = program.invocation();
    return invocation ? await invocation() : 0;
  } catch (error) {
    return report(error, io, program);
  }
}

function report(error: unknown, io: Io, program: CommandTree): number {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return 0;
    // Commander has printed its own problem; ours were found before it.
    printErrors(io, program.problems);
    return usageExitCode;
  }
  if (error instanceof UsageError) {
    printErrors(io, error.problems);
  } else if (error instanceof ReportedFailure) {
    printErrors(io, [error.message]);
  } else if (isSystemError(error)) {
    printErrors(io, [error.message]);
  } else {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    void io.stderr.write(`error: this is a fault of tarmac itself, please report it:\n${printable(text)}\n`);
  }
  return usageExitCode;
}

/** The operating system said no (a file, a folder, a socket): its message says what and where. */
function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error && 'code' in error;
}

/** The first word that is no flag of the program. */
function commandName(argv: readonly string[]): string | undefined {
  for (let index = 0; index < argv.length; index += 1) {
    const word = argv[index] ?? '';
    if (word === '-t' || word === '--target') index += 1;
    else if (!word.startsWith('-')) return word;
  }
  return undefined;
}

/** Cuts the task's arguments off, so that none of them is taken for one of our flags. */
function splitArguments(argv: readonly string[]): {
  readonly head: readonly string[];
  readonly tail: readonly string[];
} {
  const at = argv.indexOf('--');
  if (at < 0 || !takesTail.has(commandName(argv.slice(0, at)) ?? '')) return { head: argv, tail: [] };
  return { head: argv.slice(0, at), tail: argv.slice(at + 1) };
}
