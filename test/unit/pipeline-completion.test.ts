/** Completion in our own pipelines: at each position, of whole texts and of texts that end there. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readPipeline } from '#concourse';
import { completeInPipeline } from '#internal/server/src/features/pipeline/completion/complete.ts';
import { pipelineHover } from '#internal/server/src/features/pipeline/hover/hover.ts';
import type { PipelinePlaceRequest } from '#internal/server/src/features/pipeline/request.ts';

const FOLDER = 'test/pipelines/ci/pipelines';
const names = (await readdir(FOLDER)).filter((name) => /\.ya?ml$/u.test(name)).sort();
const pipelines = await Promise.all(
  names.map(async (name) => [name, await readFile(join(FOLDER, name), 'utf8')] as const),
);

/** CompletionItemKind.Property: a key of the schema. */
const KEY = 10;

function requestAt(text: string, offset: number): PipelinePlaceRequest {
  return { source: readPipeline(text, { templated: true }), world: {}, uri: 'file:///p.yml', tasks: [], offset };
}

/** Every so many positions; each pipeline begins elsewhere. */
const STEP = 11;

describe.each(pipelines)('%s', (_name, text) => {
  test('whole: what is offered stands at the cursor', () => {
    const source = readPipeline(text, { templated: true });
    for (let offset = 0; offset <= text.length; offset += STEP) {
      const { line } = source.positionAt(offset);
      const request = { source, world: {}, uri: 'file:///p.yml', tasks: [], offset };
      for (const { label, textEdit } of completeInPipeline(request, { snippets: true }).items) {
        const range = textEdit && 'range' in textEdit ? textEdit.range : undefined;
        expect(range?.start.line, `${label} at ${offset}`).toBe(line);
        expect(range?.end.line, `${label} at ${offset}`).toBe(line);
      }
      expect(() => pipelineHover(request)).not.toThrow();
    }
  }, 120_000);

  test('keys that are put in are keys that Concourse knows', () => {
    for (let offset = text.length % STEP; offset <= text.length; offset += STEP * 7) {
      const before = text.slice(0, offset);
      for (const { label, kind, textEdit } of completeInPipeline(requestAt(before, offset), { snippets: false })
        .items) {
        if (kind !== KEY || !textEdit || !('range' in textEdit)) continue;
        const start = offset - textEdit.range.end.character + textEdit.range.start.character;
        const written = readPipeline(before.slice(0, start) + textEdit.newText, { templated: true });
        const unknown = written.problems.filter(
          ({ code, range }) => /^unknown-.*key$/u.test(code) && range.start >= start,
        );
        expect(unknown, `${label} at ${offset}`).toEqual([]);
      }
    }
  }, 120_000);
});
