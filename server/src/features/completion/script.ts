/** Inside of scripts and arguments of a shell: params as `$NAME`, and paths in the words. */
import { CompletionItemKind } from 'vscode-languageserver';
import { isProvided, type TaskPath, taskScript } from '#concourse';
import { paramNames, slotAt, valueText, type CompletionContext, type Proposal } from './context.ts';
import type { Opening } from './place.ts';
import { pathProposals, wishAt } from './paths.ts';

/** True for an argument that a shell reads as its script: a `|` scalar, or the one behind `-c`. */
export function isScript(context: CompletionContext, path: TaskPath): boolean {
  if (path.length !== 3 || path[0] !== 'run' || path[1] !== 'args' || typeof path[2] !== 'number') return false;
  if (context.place.word.block) return true;
  const before = valueText(context.task, slotAt(context.place, ['run', 'args', path[2] - 1]));
  return /^-[a-z]*c$/.test(before ?? '');
}

/** What may stand at the cursor in a script. */
export function scriptProposals(context: CompletionContext, path: TaskPath): Proposal[] {
  const variable = /\$(\{?)(\w*)$/.exec(context.place.word.typed);
  if (variable) return paramProposals(context, variable[1] === '{', variable[2] ?? '');
  const word = /[^\s;|&<>()"'`=]*$/.exec(context.place.word.typed)?.[0] ?? '';
  const wish = wishAt(context, path);
  if (!wish || word.startsWith('-')) return [];
  const { offset } = context.place;
  const rest = /^[^\s;|&<>()"'`/]*/.exec(context.task.text.slice(offset, offset + 300))?.[0].length ?? 0;
  return pathProposals(context, wish, word, offset + rest);
}

function paramProposals(context: CompletionContext, braced: boolean, typed: string): Proposal[] {
  const { offset } = context.place;
  const after = context.task.text.slice(offset, offset + 300);
  const rest = /^\w*/.exec(after)?.[0].length ?? 0;
  const range = { start: offset - typed.length, end: offset + rest };
  const close = braced && after[rest] !== '}' && !/^[:?+#%/-]/.test(after.slice(rest)) ? '}' : '';
  const values = context.task.config.params ?? {};
  return paramNames(context)
    .filter((name) => /^[A-Za-z_]\w*$/.test(name))
    .map((name) => ({
      label: name,
      kind: CompletionItemKind.Variable,
      text: `${name}${close}`,
      range,
      sort: `0${name}`,
      detail: 'param',
      documentation:
        (values[name] ?? '') === ''
          ? 'A param of this task, set when it runs.'
          : 'A param of this task with a default value.',
    }));
}

/** Names for new params: variables that the script reads and that nothing sets. */
export function paramNameProposals(context: CompletionContext, opening: Opening): Proposal[] {
  if (opening.path.length !== 1 || opening.path[0] !== 'params') return [];
  const script = taskScript(context.task, context.environment);
  if (!script) return [];
  const known = new Set([
    ...paramNames(context),
    ...opening.existing,
    ...script.facts.settings.map(({ name }) => name),
  ]);
  known.delete(context.place.word.text);
  const names = new Set(script.facts.uses.map(({ name }) => name));
  const after = context.place.word.colon || context.place.word.quote !== '' ? '' : ':';
  return [...names]
    .filter((name) => !known.has(name) && !isProvided(name))
    .map((name) => ({
      label: name,
      kind: CompletionItemKind.Variable,
      text: `${name}${after}`,
      sort: `0${name}`,
      detail: 'read by the script, not set yet',
    }));
}
