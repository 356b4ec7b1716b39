/** Each probe is a pipeline that the real decoder and validator of Concourse were asked about; ours must say the same. */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  decodePipeline,
  loadVars,
  PIPELINE_TARGETS,
  pipelineConfigJson,
  readPipeline,
  type PipelineDocument,
  type ReadPipelineOptions,
} from '#concourse';
import { comparable, readPipelineTable, toPipelineVerdict } from './verdicts.ts';

const here = import.meta.dirname;
const probes = readPipelineTable(readFileSync(`${here}/probes.tsv`, 'utf8')).map((row) =>
  toPipelineVerdict(row, row['file'] ?? ''),
);
const read = (file: string): string => readFileSync(`${here}/probes/${file}`, 'utf8');

interface Result {
  readonly document: PipelineDocument;
  readonly ok: boolean;
  readonly errors: readonly string[];
}

/** Reads a probe with its variables, as fly does with `-l`. */
function judge(file: string, options: ReadPipelineOptions): Result {
  const path = file.replace(/\.yml$/, '.vars.yml');
  const { vars, errors } = existsSync(`${here}/probes/${path}`)
    ? loadVars({ files: [{ path, text: read(path) }], json: true })
    : { vars: undefined, errors: [] };
  const document = readPipeline(read(file), { ...options, ...(vars ? { vars } : {}) });
  return errors.length > 0
    ? { document, ok: false, errors }
    : { document, ok: document.valid, errors: document.errors };
}

test('there are 485 probes', () => {
  expect(probes).toHaveLength(485);
});

describe.each(probes)('$file', ({ file, byTarget, stage, strictOk, strictError, setOk }) => {
  const text = read(file);

  test.each(PIPELINE_TARGETS)('has the verdict of Concourse %s, told at its place', (target) => {
    const { document, ok, errors } = judge(file, { target });
    const expected = byTarget[target];
    expect({ ok, errors: comparable(errors), warnings: comparable(document.warnings) }).toEqual({
      ok: expected.ok,
      errors: comparable(expected.errors),
      warnings: comparable(expected.warnings),
    });
    // Whatever fly refuses is marked in the text, by the pipeline or by the task in it.
    const tasks = decodePipeline(text, { target: target === '7.14' ? '5.5' : 'current' });
    const all = [...document.problems, ...tasks.flatMap(({ problems }) => problems)];
    const marked = all.filter(({ severity }) => severity === 'error');
    if (!document.valid) expect(marked).not.toEqual([]);
    if (document.valid && document.setErrors.length === 0) expect(marked).toEqual([]);
    for (const { range } of document.problems) {
      expect(range.start).toBeGreaterThanOrEqual(0);
      expect(range.end).toBeGreaterThanOrEqual(range.start);
      expect(range.end).toBeLessThanOrEqual(text.length);
      if (text.trim() !== '') expect(text.slice(range.start, range.end)).toMatch(/[^\r\n]$/);
    }
  });

  test('stops where fly stops, and is as strict', () => {
    const { document, errors } = judge(file, { target: 'next' });
    expect(errors === document.errors ? document.stage : 'template').toBe(stage);
    const strict = judge(file, { target: 'next', strict: true });
    expect(strict.ok).toBe(strictOk);
    if (strictError !== '') expect(comparable(strict.errors)).toEqual(comparable([strictError]));
  });

  test('is set as the server would', () => {
    const { document, ok } = judge(file, { target: 'next' });
    expect(ok && document.setErrors.length === 0).toBe(setOk);
  });

  test.runIf(byTarget.next.ok)('decodes to the same JSON', () => {
    const { document } = judge(file, { target: 'next' });
    const expected: unknown = JSON.parse(read(file.replace(/\.yml$/, '.json')));
    expect(JSON.parse(pipelineConfigJson(document.config))).toStrictEqual(expected);
  });
});
