/** The variables that a shell script reads and sets. */
import { readScript, type TextRange } from '#concourse';

/** One place of a variable in a script. */
export interface ScriptVariable {
  readonly name: string;
  /** The name alone, in the script. */
  readonly range: TextRange;
  readonly role: 'read' | 'write';
}

/** All places of variables in a script, in the order of the text. */
export function scriptVariables(text: string): ScriptVariable[] {
  const { uses, settings } = readScript(text);
  return [
    ...uses.map(({ name, range }): ScriptVariable => ({ name, range, role: 'read' })),
    ...settings.map(({ name, range }): ScriptVariable => ({ name, range, role: 'write' })),
  ].sort((a, b) => a.range.start - b.range.start);
}
