import { globSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import picomatch from 'picomatch';
import { expect, test } from 'vitest';
import {
  isFixed,
  sampleMistake,
  samplePath,
  samplePipelinePath,
  samplePipelineText,
  sampleText,
} from '#internal/client/src/walkthrough/sample.ts';
import {
  checkPipeline,
  checkTask,
  decodeTask,
  PIPELINE_FILE_GLOBS,
  readPipeline,
  recognize,
  TASK_FILE_GLOBS,
  type Environment,
} from '#concourse';

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

test('the sample has one problem, the misspelled key, and nothing else is said about it', () => {
  expect(problems(sampleText)).toEqual([`unknown-key ${sampleMistake.wrong}`]);
  expect(isFixed(sampleText)).toBe(false);
});

test('mended, nothing is said about it', () => {
  const mended = sampleText.replace(sampleMistake.wrong, sampleMistake.right);
  expect(problems(mended)).toEqual([]);
  expect(isFixed(mended)).toBe(true);
});

test('it lies where a file is a task file by its name', () => {
  expect(picomatch.isMatch(`/home/me/${samplePath}`, [...TASK_FILE_GLOBS])).toBe(true);
});

test('the sample pipeline is one, where it is written and by its text, and nothing is said about it', () => {
  expect(picomatch.isMatch(`/home/me/${samplePipelinePath}`, [...PIPELINE_FILE_GLOBS])).toBe(true);
  expect(recognize(samplePipelineText)).toBe('pipeline');
  const said = checkPipeline(readPipeline(samplePipelineText), {}, {}).filter(({ severity }) => severity !== 'hint');
  expect(said.map(({ code, message }) => `${code} ${message}`)).toEqual([]);
});

/** Colors for text that every built-in theme gives a value that is readable on the background it is drawn on here. */
const readable = new Set([
  'button-foreground',
  'charts-blue',
  'charts-green',
  'debugTokenExpression-string',
  'descriptionForeground',
  'editor-foreground',
  'editorCodeLens-foreground',
]);

test.each(globSync('media/walkthrough/*.svg').sort())(
  '%s is readable in dark, light and high contrast',
  async (file) => {
    const picture = await readFile(file, 'utf8');
    const texts = [...picture.matchAll(/<(?:text|tspan)[^>]* fill="([^"]*)"/gu)].map(([, fill = '']) => fill);
    expect(texts.length).toBeGreaterThan(0);
    for (const fill of texts) {
      const [, name = fill] = /^var\(--vscode-([\w-]+),#[0-9a-f]{6}\)$/u.exec(fill) ?? [];
      expect(readable, fill).toContain(name);
    }
    // Text on a filled row has the color that belongs to the row.
    expect(picture.includes('button-background')).toBe(picture.includes('button-foreground'));
  },
);

test('its description fits into the line that the Welcome page has for it', async () => {
  const texts = JSON.parse(await readFile('package.nls.json', 'utf8')) as Record<string, string>;
  expect(texts['walkthroughs.start.description']?.length).toBeLessThanOrEqual(50);
});
