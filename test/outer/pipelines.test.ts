/** Pipelines of public repositories, outside of this one: none of them is judged otherwise than fly does. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  checkPipeline,
  decodePipeline,
  type Files,
  PIPELINE_TARGETS,
  type PipelineWorld,
  readPipeline,
  ruleById,
} from '#concourse';
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

/**
 * The pipeline in a checkout of its repository. Of that only some files are here: any other counts as there, with an unknown
 * text.
 */
function inCheckout(file: string, branch: string): PipelineWorld {
  const [repository = ''] = file.split('/');
  const git: Readonly<Record<string, string>> = {
    '/repo/.git/HEAD': `ref: refs/heads/${branch}\n`,
    '/repo/.git/config': `[remote "origin"]\n\turl = https://github.com/${repository.replace('+', '/')}.git\n`,
  };
  const local = (path: string): string => join(folder, repository, path.slice('/repo/'.length));
  const files: Files = {
    stat: (path) => {
      if (path === '/repo/.git') return { type: 'directory', executable: true, size: 0 };
      if (!path.startsWith('/repo/') || path.includes('/.git')) return undefined;
      const isFolder = existsSync(local(path)) && statSync(local(path)).isDirectory();
      return { type: isFolder ? 'directory' : 'file', executable: true, size: 0 };
    },
    list: () => undefined,
    read: (path) => git[path] ?? (existsSync(local(path)) ? readFileSync(local(path), 'utf8') : undefined),
  };
  return { path: `/repo/${file.slice(repository.length + 1)}`, files };
}

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

  test.runIf(byTarget.current.ok).each(['main', 'master'])('has no finding of the flow above hint at %s', (branch) => {
    const source = readPipeline(text, { templated: true });
    const problems = checkPipeline(source, inCheckout(file, branch));
    const told = problems.filter(({ severity }) => severity === 'error' || severity === 'warning');
    expect(told.filter(({ code }) => ruleById(code)?.group === 'flow')).toEqual([]);
  });
});
