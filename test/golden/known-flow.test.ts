/** What was found in a job of an earlier version of a pipeline holds as long as what it was found from. */
import { expect, test } from 'vitest';
import { checkPipeline, IncrementalParser, type Problem, readPipeline, TaskFileCache } from '#concourse';
import { filesWith, ROOT, texts } from './shop.ts';

const PATH = 'ci/pipelines/build.yml';
const PIPELINE = texts.get(PATH) ?? '';
const TASK = 'ci/tasks/package.yml';

/** An editor with the pipeline open: each version is said in the way of an open document, beside files as they are then. */
function editor(): (text: string, changed?: ReadonlyMap<string, string>) => string[] {
  const parser = new IncrementalParser();
  const taskFiles = new TaskFileCache();
  const check = (text: string, changed: ReadonlyMap<string, string>, parse: IncrementalParser): Problem[] => {
    const source = readPipeline(parse.parse(text), { templated: true });
    return checkPipeline(source, { path: `${ROOT}/${PATH}`, files: filesWith(changed), taskFiles });
  };
  return (text, changed = new Map()) => {
    const found = check(text, changed, parser);
    expect(found).toEqual(check(text, changed, new IncrementalParser()));
    return found.map(({ code, range }) => `${code} ${text.slice(range.start, range.end)}`);
  };
}

const BROKEN = PIPELINE.replace('ARCHIVE_NAME: shop-next', 'ARCHIVE_NAMES: shop-next');
const WRONG = 'undeclared-param ARCHIVE_NAMES';

test('a finding moves with its job', () => {
  const say = editor();
  expect(say(BROKEN)).toContain(WRONG);
  expect(say(BROKEN.replace('threshold', 'x'))).toContain(WRONG);
  expect(say(BROKEN.replace('THRESHOLD: "70"', 'THRESHOLD: "700"'))).toContain(WRONG);
  expect(say(BROKEN.replace('- name: unit\n', '- name: unit\n  serial: true\n'))).toContain(WRONG);
  expect(say(BROKEN.replace('branch: main\n', 'branch: main\n    depth: 1\n'))).toContain(WRONG);
  expect(say(PIPELINE)).not.toContain(WRONG);
});

test('a task file has changed', () => {
  const say = editor();
  const renamed = (texts.get(TASK) ?? '').replaceAll('ARCHIVE_NAME', 'ARCHIVE_NAMES');
  expect(say(BROKEN)).toContain(WRONG);
  expect(say(BROKEN, new Map([[TASK, renamed]]))).not.toContain(WRONG);
  expect(say(BROKEN)).toContain(WRONG);
  const others = (texts.get(TASK) ?? '').replace('- name: notes', '- name: remarks');
  expect(say(PIPELINE, new Map([[TASK, others]]))).toContain('artifact-missing shop/ci/tasks/package.yml');
  expect(say(PIPELINE)).not.toContain('artifact-missing shop/ci/tasks/package.yml');
});

test('a file that was missing is there', () => {
  const say = editor();
  const text = PIPELINE.replace('tasks/notes.yml', 'tasks/remarks.yml');
  const missing = 'artifact-file-missing shop/ci/tasks/remarks.yml';
  expect(say(text)).toContain(missing);
  expect(say(text, new Map([['ci/tasks/remarks.yml', texts.get('ci/tasks/notes.yml') ?? '']]))).not.toContain(missing);
});

test('a resource means something else', () => {
  const say = editor();
  const text = PIPELINE.replace('tasks/notes.yml', 'tasks/remarks.yml');
  const missing = 'artifact-file-missing shop/ci/tasks/remarks.yml';
  expect(say(text)).toContain(missing);
  // Another repository: nothing is known of its files.
  expect(say(text.replace('demo/shop.git', 'demo/other.git'))).not.toContain(missing);
  expect(say(text)).toContain(missing);
});

test('the only resource of a type is gone', () => {
  const say = editor();
  const unused = 'unused-resource-type chat-message';
  expect(say(PIPELINE)).not.toContain(unused);
  expect(say(PIPELINE.replace('type: chat-message', 'type: slack'))).toContain(unused);
});
