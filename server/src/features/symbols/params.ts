/** Params: environment variables that a task declares and its scripts read. */
import { embeddedScripts, entryOf, type TaskDocument } from '#concourse';
import type { FeatureRequest } from '../facts/feature.ts';
import { shellFile } from '../facts/local-file.ts';
import { scriptVariables } from '../facts/script-variables.ts';
import { inTextOrder, type FileOccurrences, type Occurrence, type TaskSymbol } from './symbol.ts';
import { trimmed } from '../facts/text-ranges.ts';
import { contentRange } from '../facts/written-text.ts';

/** The params of a task with their uses as `$NAME` in its inline script and in the script file that it runs. */
export function paramSymbols(request: FeatureRequest): TaskSymbol[] {
  const { task } = request;
  const params = entryOf(task.root, 'params')?.value;
  if (params?.kind !== 'map') return [];
  const inline = inlineVariables(task);
  const file = shellFile(request);
  const inFile = new Map<string, Occurrence[]>();
  for (const { name, range, role } of file ? scriptVariables(file.text) : []) {
    push(inFile, name, { range, role, certain: true });
  }
  return params.entries.flatMap(({ name, key, value }) => {
    const range = contentRange(task, key);
    if (!range || name !== key.text) return [];
    const declaration: Occurrence = { range, role: 'declaration', certain: true };
    const whole = trimmed(task.text, { start: key.range.start, end: Math.max(key.range.end, value.range.end) });
    const outside = inFile.get(name);
    const elsewhere: FileOccurrences[] =
      file && outside ? [{ path: file.path, text: file.text, occurrences: inTextOrder(outside) }] : [];
    return [
      {
        kind: 'param' as const,
        name,
        title: 'param',
        occurrences: inTextOrder([declaration, ...(inline.get(name) ?? [])]),
        elsewhere,
        declarations: new Map([[range.start, whole]]),
      },
    ];
  });
}

function push(uses: Map<string, Occurrence[]>, name: string, occurrence: Occurrence): void {
  const before = uses.get(name);
  if (before) before.push(occurrence);
  else uses.set(name, [occurrence]);
}

/** Places of the variables in the inline script of a task, by name. */
export function inlineVariables(task: TaskDocument): Map<string, Occurrence[]> {
  const uses = new Map<string, Occurrence[]>();
  for (const script of embeddedScripts(task)) {
    for (const { name, range, role } of scriptVariables(script.text)) {
      const place = script.toFileRange(range);
      // What an escape or a fold cuts up is no single word of the file.
      if (task.text.slice(place.start, place.end) === name) push(uses, name, { range: place, role, certain: true });
    }
  }
  return uses;
}
