/** The shell script of a task, wherever it is: in its arguments, or in a file of an input. */
import type { TaskDocument } from '../task/document.ts';
import type { Environment } from '../task/environment.ts';
import type { TextRange } from '../text/problem.ts';
import { SHELLS } from './command.ts';
import { embeddedScripts, type EmbeddedScript } from './embedded.ts';
import { readScript, readShebang, type ScriptFacts } from './facts.ts';
import { scriptFile, type ScriptFile } from './script-file.ts';

/** A shell script and where it comes from. */
export type TaskScript = { readonly text: string; readonly facts: ScriptFacts } & (
  | { readonly kind: 'embedded'; readonly embedded: EmbeddedScript }
  | { readonly kind: 'file'; readonly file: ScriptFile }
);

/** Several rules ask about the same file: its facts are kept until its text changes. */
const known = new WeakMap<TaskDocument, { readonly text: string; readonly facts: ScriptFacts }>();

/** The shell script that a task runs; undefined when it runs none, or one in another language, or it cannot be read. */
export function taskScript(task: TaskDocument, environment: Environment): TaskScript | undefined {
  const [embedded] = embeddedScripts(task);
  if (embedded) return { kind: 'embedded', embedded, text: embedded.text, facts: embedded.facts };
  const file = scriptFile(task, environment);
  if (!file) return undefined;
  const interpreter = file.shell ?? readShebang(file.text)?.interpreter ?? '';
  if (!SHELLS.has(interpreter)) return undefined;
  let read = known.get(task);
  if (read?.text !== file.text) {
    read = { text: file.text, facts: readScript(file.text) };
    known.set(task, read);
  }
  return { kind: 'file', file, ...read };
}

/** Where a part of the script is reported in the task file: of a script file, where the file is named. */
export function reportRange(script: TaskScript, part: TextRange, named: TextRange): TextRange {
  return script.kind === 'embedded' ? script.embedded.toFileRange(part) : named;
}
