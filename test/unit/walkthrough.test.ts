import picomatch from 'picomatch';
import { expect, test } from 'vitest';
import { isMended, sampleMistake, samplePath, sampleText } from '#internal/client/src/walkthrough/sample.ts';
import { checkTask, decodeTask, TASK_FILE_GLOBS, type Environment } from '#concourse';

/** No files around it: what is found is in the text itself. */
const environment: Environment = {
  target: 'current',
  inputFolders: new Map(),
};

function problems(text: string): string[] {
  return checkTask(decodeTask(text), environment)
    .filter(({ severity }) => severity !== 'hint')
    .map(({ code, range }) => `${code} ${text.slice(range.start, range.end)}`);
}

test('the sample has one problem, the misspelt key, and nothing else is said about it', () => {
  expect(problems(sampleText)).toEqual([`unknown-key ${sampleMistake.wrong}`]);
  expect(isMended(sampleText)).toBe(false);
});

test('mended, nothing is said about it', () => {
  const mended = sampleText.replace(sampleMistake.wrong, sampleMistake.right);
  expect(problems(mended)).toEqual([]);
  expect(isMended(mended)).toBe(true);
});

test('it lies where a file is a task file by its name', () => {
  expect(picomatch.isMatch(`/home/me/${samplePath}`, [...TASK_FILE_GLOBS])).toBe(true);
});
