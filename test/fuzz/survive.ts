/** Everything that an editor may ask about a text, asked; what must hold for any text is checked. */
import { expect } from 'vitest';
import { CODE_ACTION_KINDS, codeActions } from '#internal/server/src/features/code-actions.ts';
import { codeLenses } from '#internal/server/src/features/code-lenses.ts';
import { complete } from '#internal/server/src/features/completion/completion.ts';
import { definition } from '#internal/server/src/features/symbols/definition.ts';
import { documentLinks } from '#internal/server/src/features/document-links.ts';
import { documentSymbols } from '#internal/server/src/features/document-symbols.ts';
import { foldingRanges } from '#internal/server/src/features/folding-ranges.ts';
import { formatting } from '#internal/server/src/features/formatting/formatting.ts';
import { highlights } from '#internal/server/src/features/symbols/highlights.ts';
import { hover } from '#internal/server/src/features/hover/hover.ts';
import { inlayHints } from '#internal/server/src/features/inlay-hints.ts';
import { references } from '#internal/server/src/features/symbols/references.ts';
import { prepareRename, rename } from '#internal/server/src/features/symbols/rename.ts';
import { selectionRanges } from '#internal/server/src/features/selection-ranges.ts';
import { semanticTokens } from '#internal/server/src/features/tokens/semantic-tokens.ts';
import {
  checkTask,
  decodePipeline,
  decodeTask,
  type Environment,
  type Problem,
  recognize,
  type Target,
  type TaskDocument,
} from '#concourse';
import type { Random } from './random.ts';

const URI = 'file:///x/ci/a-task.yml';

/** Rules must not throw on any text; what they throw fails the test instead of being logged. */
function check(task: TaskDocument, environment: Environment): Problem[] {
  return checkTask(task, environment, {
    onRuleError: (rule, error) => {
      throw new Error(`rule ${rule} failed`, { cause: error });
    },
  });
}

/** Decodes and checks a text as a task and as a pipeline; all ranges lie in it, and problems are capped. */
export function surviveChecking(text: string, target: Target = 'current'): TaskDocument {
  recognize(text);
  const task = decodeTask(text, { target, extensions: true });
  for (const each of [task, ...decodePipeline(text, { target })]) {
    const problems = check(each, { target, inputFolders: new Map() });
    expect(problems.length).toBeLessThanOrEqual(201);
    for (const { range, code, message } of [...each.problems, ...problems]) {
      const inside = range.start >= 0 && range.start <= range.end && range.end <= text.length;
      if (!inside) expect.fail(`${code} at ${range.start}–${range.end} is outside of the text: ${message}`);
    }
  }
  return task;
}

/** Asks every feature about a task, at some places of it. */
export function surviveFeatures(task: TaskDocument, random: Random, places = 4): void {
  const environment: Environment = { target: 'current', inputFolders: new Map(), path: '/x/ci/a-task.yml' };
  const request = { task, uri: URI, environment };
  const whole = { start: 0, end: task.text.length };
  documentLinks(request);
  documentSymbols(request);
  foldingRanges(request);
  semanticTokens(request);
  codeLenses(request);
  formatting(request, { tabSize: 2, insertSpaces: true });
  inlayHints(request, whole, { paths: true, images: true, values: true });
  for (let count = 0; count < places; count++) {
    const offset = random.integer(task.text.length + 1);
    const at = { ...request, offset };
    complete(at, { snippets: true });
    hover(at);
    definition(at);
    references(at);
    highlights(at);
    prepareRename(at);
    rename(at, 'other');
    selectionRanges(request, [offset]);
    const range = { start: offset, end: Math.min(task.text.length, offset + random.integer(50)) };
    codeActions(request, { range, problems: check(task, environment), check });
  }
  if (places > 0) {
    codeActions(request, { range: whole, problems: check(task, environment), check, only: CODE_ACTION_KINDS });
  }
}
