/** Pipelines of public repositories, outside of this one: none of them is judged otherwise than fly does. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { decodePipeline, PIPELINE_TARGETS, readPipeline } from '#concourse';
import { comparable, readPipelineTable, toPipelineVerdict } from '../conformance/pipelines/verdicts.ts';

/** The folder of the pipelines: beside that of the task files, with `-pipelines` behind its name. */
const folder = `${process.env['TARMAC_CORPUS'] ?? ''}-pipelines`;
const index = join(folder, 'index.tsv');
if (!existsSync(index)) {
  throw new Error(
    `There is no ${index}. The public pipelines lie beside TARMAC_CORPUS, in a folder that ends with -pipelines.`,
  );
}
const files = readPipelineTable(readFileSync(index, 'utf8')).map((row) =>
  toPipelineVerdict(row, `${(row['repo'] ?? '').replace('/', '+')}/${row['path'] ?? ''}`),
);

test('the corpus is not empty', () => {
  expect(files.length).toBeGreaterThan(50);
});

describe.each(files)('$file', ({ file, byTarget, stage, strictOk, setOk }) => {
  const text = readFileSync(join(folder, file), 'utf8');

  test.each(PIPELINE_TARGETS)('has the verdict of Concourse %s', (target) => {
    const { valid, errors, warnings } = readPipeline(text, { target });
    const expected = byTarget[target];
    expect({ valid, errors: comparable(errors), warnings: comparable(warnings) }).toEqual({
      valid: expected.ok,
      errors: comparable(expected.errors),
      warnings: comparable(expected.warnings),
    });
  });

  test('stops where fly stops, and is set as the server would', () => {
    const document = readPipeline(text, { target: 'next' });
    expect(document.stage).toBe(stage);
    expect(document.valid && document.setErrors.length === 0).toBe(setOk);
    expect(readPipeline(text, { target: 'next', strict: true }).valid).toBe(strictOk);
  });

  test.runIf(byTarget.current.ok)('has no error in the editor', () => {
    const { problems } = readPipeline(text, { templated: true });
    const tasks = decodePipeline(text).flatMap((task) => task.problems);
    expect([...problems, ...tasks].filter(({ severity }) => severity === 'error')).toEqual([]);
  });
});
