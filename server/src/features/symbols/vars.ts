/** `((vars))`: the same reference is the same name. */
import { referenceText, type TaskDocument } from '#concourse';
import type { Occurrence, TaskSymbol } from './symbol.ts';

/** The variables that a task refers to. They are declared elsewhere, so that they have uses only. */
export function varSymbols(task: TaskDocument): TaskSymbol[] {
  const uses = new Map<string, Occurrence[]>();
  for (const { reference, range } of task.vars) {
    const written = task.text.slice(range.start, range.end);
    // Where an escape hides the variable, its place is the whole value: nothing to point at.
    if (!reference || !written.startsWith('((') || !written.endsWith('))')) continue;
    const key = referenceText(reference);
    const occurrence: Occurrence = {
      range: { start: range.start + 2, end: range.end - 2 },
      role: 'read',
      certain: true,
    };
    const before = uses.get(key);
    if (before) before.push(occurrence);
    else uses.set(key, [occurrence]);
  }
  return [...uses].map(([name, occurrences]) => ({
    kind: 'var',
    name,
    title: 'variable',
    occurrences,
    elsewhere: [],
    declarations: new Map(),
  }));
}
