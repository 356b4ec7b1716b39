import { globSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import type { RunFailure } from '#runner';
import { briefFailure, editorStep, failurePage, toastText } from './editor-words.ts';

const failure: RunFailure = {
  kind: 'out-of-memory',
  title: "The task's container needed more than its memory limit of 32.0 MiB",
  evidence: ['Container main: OOMKilled\nexit code 137', 'node-1'],
  nextStep:
    'Raise `container_limits.memory` in the task file, or let the task use less (fewer parallel jobs, a smaller heap).',
  retryable: false,
};

describe('the next step in the editor', () => {
  test.each([
    [
      'Make room with `tarmac store prune`, or enlarge the claim.',
      'Make room with *Clean Up Artifact Store*, or enlarge the claim.',
    ],
    ['`tarmac runs` lists the runs that are there.', 'The Runs view lists the runs that are there.'],
    [
      'Create it with `tarmac store init --claim data`, choose another claim, or run without one (`--no-claim`). Existing ones: `kubectl get pvc -n ci`.',
      'Create it with *Create Artifact Store*, choose another claim, or set `tarmac.claim` to `none`.',
    ],
    [
      'Ask for a Role with verb `get` on `pods`; check it with `kubectl auth can-i get pods -n ci`. `tarmac doctor` lists all that is missing.',
      'Ask for a Role with verb `get` on `pods`.',
    ],
    [
      'Name another one with `--priority-class` (setting `tarmac.pod`, `priorityClassName`); those that are there: `kubectl get priorityclasses`.',
      'Name another one with `priorityClassName` in the setting `tarmac.pod`; those that are there: `kubectl get priorityclasses`.',
    ],
    ['Run it again.', 'Run it again.'],
  ])('%s', (step, words) => expect(editorStep(step)).toBe(words));

  test('names no command of the terminal, nor an option of one, whatever fails', async () => {
    const texts: string[] = [];
    for (const file of globSync('runner/src/{failures,run,records,artifacts,pod}/**/*.ts')) {
      if (file.endsWith('.test.ts')) continue;
      const code = (await readFile(file, 'utf8')).replaceAll(/^\s*(?:\/\/|\/?\*).*$/gmu, '').replaceAll('\\`', '`');
      for (const [, text = ''] of code.matchAll(/nextStep[:=]?\s*(?:[^'"`]*\?[^'"`]*)?(['"`].*)$/gmu)) texts.push(text);
    }
    expect(texts.length).toBeGreaterThan(60);
    const typed = /tarmac (?:store|runs|attach|shell|download|artifacts|abort|doctor)\b| `?--[a-z]{3}/u;
    for (const text of texts) expect(editorStep(text), text).not.toMatch(typed);
  });
});

test('a failure takes three lines of the panel', () => {
  expect(briefFailure(failure).split('\n')).toEqual([
    failure.title,
    '  Container main: OOMKilled',
    `Next: ${failure.nextStep}`,
  ]);
  expect(briefFailure({ ...failure, evidence: [], nextStep: '`tarmac shell` opens one.' })).toBe(
    `${failure.title}\nNext: "Tarmac: Open Shell in Task" opens one.`,
  );
});

test('a notification has one sentence where the next step is long: its buttons do that', () => {
  expect(toastText('hungry', failure)).toBe(`hungry: ${failure.title}.`);
  expect(toastText(undefined, { title: 'The pod is gone', nextStep: 'Run it again.' })).toBe(
    'The pod is gone. Run it again.',
  );
});

test('the details are a page of Markdown, and evidence is no markup', () => {
  const page = failurePage({ ...failure, evidence: ['# not a title', '```', '<b>'] }, 'Run hungry-1 in kind/ci');
  expect(page).toContain("# The task's container needed");
  expect(page).toContain('**What to do:** Raise `container_limits.memory`');
  expect(page).toContain('````\n# not a title\n```\n<b>\n````');
});
