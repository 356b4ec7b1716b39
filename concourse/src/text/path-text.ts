/** How messages write the place of a value. */
import type { TaskPath } from './problem.ts';

/** A path as people write it: `inputs[0].name`. */
export function pathText(path: TaskPath): string {
  const text = path
    .map((part, index) => (typeof part === 'number' ? `[${part}]` : index === 0 ? part : `.${part}`))
    .join('');
  return text === '' ? 'the task' : text;
}
