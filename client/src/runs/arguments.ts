/** What commands about runs are given, and what they answer. */
import { Uri } from 'vscode';

/** What a view hands to a command about a run: its id, or a tree item that has one. */
export type RunArgument = string | { readonly run: string } | JobItem | undefined;

/** A tree item of a job; of a step also where it is in the plan, and the run that it has begun last. */
export interface JobItem {
  readonly jobId: string;
  readonly address?: string;
  readonly run?: string;
}

/** What a view hands to a command about a job: its id, or a tree item that has one. */
export type JobArgument = string | JobItem | undefined;

/** What an editor, a menu or a code lens of the language server hands to a command about a file. */
export type FileArgument = Uri | string | undefined;

/** Answer of the commands that execute: the run that has begun. */
export interface StartedRun {
  readonly run: string;
}

/** Answer of the commands that execute a job: the job that has begun. */
export interface StartedJob {
  readonly job: string;
}

/** The job that a command was given, if any. */
export function jobId(argument: JobArgument): string | undefined {
  return typeof argument === 'string' ? argument : argument?.jobId;
}

/** The run that a command was given, if any. */
export function runId(argument: RunArgument): string | undefined {
  return typeof argument === 'string' ? argument : argument?.run;
}

/** The file that a command was given, if any: a code lens of the language server has it as text. */
export function fileUri(file: FileArgument): Uri | undefined {
  return typeof file === 'string' ? Uri.parse(file, true) : file;
}
