/** How commands are registered: each says what went wrong, and none leaves an error to VS Code's own words. */
import { commands, type Disposable } from 'vscode';
import { report } from '../failures/report.ts';
import type { RunningParts } from '../parts.ts';

/** What each command of a group does, by the command's id. */
export type CommandHandlers = Readonly<Record<string, (...args: never[]) => Promise<unknown>>>;

/** Registers a group of commands; whoever calls disposes of them. */
export function register(handlers: CommandHandlers, parts: RunningParts): Disposable[] {
  return Object.entries(handlers).map(([id, handler]) =>
    commands.registerCommand(id, async (...args: never[]) => {
      try {
        return await handler(...args);
      } catch (error) {
        // A program that calls is told by the error; nobody waits until a person has read it.
        if (asksNobody(args)) throw error;
        void report(error, parts);
        return undefined;
      }
    }),
  );
}

/** The caller has said that the user is not to be asked. */
function asksNobody(args: readonly unknown[]): boolean {
  return args.some((each) => typeof each === 'object' && each !== null && 'ask' in each && each.ask === 'never');
}
