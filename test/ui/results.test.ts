import { describe, expect, test } from 'vitest';
import { useVSCode } from './support/vscode.ts';

const vscode = useVSCode({
  name: 'results',
  settings: { 'tarmac.context': 'tarmac-test', 'tarmac.namespace': 'tarmac' },
});

/** A run takes a while on a cluster that does other things. */
const runMs = 120_000;

describe('what a run leaves', () => {
  test('the task runs', async () => {
    const { workbench } = vscode();
    await workbench.openFile('ci/tasks/suite.yml');
    await workbench.codeLenses().filter({ hasText: 'Execute' }).first().click();
    // What there is to be asked has its best answer first.
    const question = workbench.page.locator('.quick-input-widget:visible');
    await question.waitFor();
    await expect
      .poll(
        async () => {
          if (await question.isVisible()) await workbench.press('Enter');
          return workbench.outputText();
        },
        { timeout: runMs },
      )
      .toContain('failed (exit code 1)');
  });

  test('what tools complained of are problems of the file', async () => {
    const { workbench } = vscode();
    const problems = await workbench.problems();
    await expect.poll(() => problems.allInnerTexts()).toContainEqual(expect.stringContaining('missing a return type'));
    await expect.poll(() => problems.allInnerTexts()).toContainEqual(expect.stringContaining('is never used'));
    await workbench.screenshot('results-problems');
    await workbench.openFile('shop/cart.py');
    await workbench.squiggles('error').first().waitFor();
    await workbench.squiggles('warning').first().waitFor();
  });

  test('a test that failed is at its line', async () => {
    const { workbench } = vscode();
    await workbench.runCommand('Testing: Focus on Test Explorer View');
    const rows = workbench.page.locator('.test-explorer .monaco-list-row');
    await rows.filter({ hasText: 'ci/tasks/suite.yml' }).waitFor({ timeout: runMs });
    await workbench.openFile('shop/cart.py');
    // VS Code lays the message over the end of the line.
    const editor = workbench.activeEditor();
    const message = editor.locator('.test-error-content-widget', { hasText: /1\s!=\s2/u });
    await message.waitFor();
    const line = editor.locator('.view-line', { hasText: /return\sitems/u });
    const middle = (box: Awaited<ReturnType<typeof line.boundingBox>>): number =>
      box === null ? Number.NaN : box.y + box.height / 2;
    const height = (await line.boundingBox())?.height ?? 0;
    expect(Math.abs(middle(await message.boundingBox()) - middle(await line.boundingBox()))).toBeLessThan(height / 2);
    await workbench.screenshot('results-tests');
  });

  test('what ran is marked in the file', async () => {
    const { workbench } = vscode();
    await workbench.openFile('shop/cart.py');
    const editor = workbench.activeEditor();
    await editor.locator('.coverage-deco-gutter.coverage-deco-hit').first().waitFor();
    await editor.locator('.coverage-deco-gutter.coverage-deco-miss').first().waitFor();
    await workbench.screenshot('results-coverage');
  });

  test('how it ended stands above the task', async () => {
    const { workbench } = vscode();
    await workbench.openFile('ci/tasks/suite.yml');
    await expect
      .poll(() => workbench.codeLenses().allInnerTexts())
      .toContainEqual(expect.stringMatching(/failed \(1\) · .*(?:just now|ago)/u));
    await workbench.screenshot('results-lens');
  });

  test('a page opens with its assets, and its script does not run', async () => {
    const { workbench } = vscode();
    await workbench.openView('Tarmac');
    const rows = workbench.treeRows('Runs');
    await workbench.expand(rows.filter({ hasText: /^suite\s*failed/u }));
    await workbench.expand(rows.filter({ hasText: /^test-report/u }));
    await workbench.expand(rows.filter({ hasText: /^html/u }));
    await rows.filter({ hasText: 'index.html' }).click();
    const heading = async (): Promise<string> => {
      for (const frame of workbench.page.frames()) {
        const found = frame.locator('h1');
        if ((await found.count()) === 0) continue;
        const colour = String(await frame.evaluate("getComputedStyle(document.querySelector('h1')).color"));
        return `${await found.first().innerText()} ${colour}`;
      }
      return '';
    };
    await expect.poll(heading).toBe('2 of 3 rgb(1, 2, 3)');
    await workbench.screenshot('results-page');
  });
});
