/** What commands about runs are given, and what they answer. */
import type { Uri } from 'vscode';

/** What a view hands to a command about a run: its id, or a tree item that has one. */
export type RunArgument = string | { readonly run: string } | undefined;

/** What an editor, a menu or a code lens of the language server hands to a command about a file. */
export type FileArgument = Uri | string | undefined;

/** Answer of the commands that execute: the run that has begun. */
export interface StartedRun {
  readonly run: string;
}

/** The run that a command was given, if any. */
export function runId(argument: RunArgument): string | undefined {
  return typeof argument === 'string' ? argument : argument?.run;
}
