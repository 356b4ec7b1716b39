import type { Locator } from 'playwright-core';
import { describe, expect, test, vi } from 'vitest';
import { useVSCode } from './support/vscode.ts';

const vscode = useVSCode({ name: 'check' });

describe('a task file with a mistake', () => {
  test('shows where it is and what is wrong', async () => {
    const { workbench } = vscode();
    await workbench.openFile('ci/tasks/mistake.yml');
    await workbench.squiggles('error').first().waitFor();
    const problems = await workbench.problems();
    await expect.poll(() => problems.allInnerTexts()).toContainEqual(expect.stringContaining("'input' is not a key"));
    await workbench.screenshot('problems');
  });

  test('tells more where the pointer rests', async () => {
    const { workbench } = vscode();
    await workbench.runCommand('View: Toggle Panel Visibility');
    const hover = await workbench.hover('input');
    await expect.poll(() => hover.allInnerTexts()).toContainEqual(expect.stringContaining('unknown-key'));
    await workbench.screenshot('hover-problem');
  });

  test('its code leads to what explains it', async () => {
    const { workbench } = vscode();
    const leads = async (findLink: () => Promise<Locator>): Promise<void> => {
      const page = workbench.activeTab('unknown-key.md');
      // The Problems view draws a row anew when its quick fixes are known, and a hover may close: a click is lost then.
      await vi.waitFor(
        async () => {
          if (!(await page.isVisible())) await (await findLink()).click({ timeout: 5_000 });
          await page.waitFor({ timeout: 5_000 });
        },
        { timeout: 45_000 },
      );
      await expect.poll(() => workbench.previewText()).toContain('A key that a task does not have');
    };
    await leads(async () => {
      await workbench.page.mouse.move(0, 0);
      const hover = await workbench.hover('input');
      return hover.locator('a', { hasText: 'unknown-key' }).first();
    });
    await workbench.screenshot('rule-page');
    await workbench.press('Control+w');
    const problems = await workbench.problems();
    await leads(() => Promise.resolve(problems.locator('a', { hasText: 'unknown-key' }).first()));
    await workbench.press('Control+w');
    await workbench.runCommand('View: Toggle Panel Visibility');
  });

  test('is mended by a quick fix', async () => {
    const { workbench } = vscode();
    await workbench.placeCursorIn('input');
    await workbench.press('Control+.');
    await expect.poll(() => workbench.codeActions().allInnerTexts()).toContainEqual(expect.stringContaining('inputs'));
    await workbench.screenshot('quick-fix');
    await workbench.codeActions().filter({ hasText: 'inputs' }).first().click();
    await expect.poll(() => workbench.squiggles('error').count()).toBe(0);
  });
});

describe('writing a task', () => {
  test('keys are offered with what they are for', async () => {
    const { workbench } = vscode();
    await workbench.openFile('ci/unit-task.yaml');
    await workbench.placeCursorIn('true');
    await workbench.press('End', 'Enter', 'Shift+Tab', 'Home');
    await workbench.press('Control+Space');
    await expect.poll(() => workbench.suggestions().allInnerTexts()).toContainEqual(expect.stringContaining('inputs'));
    await workbench.screenshot('completion');
    await workbench.press('Escape');
  });

  test('what can be done with it is written above', async () => {
    const { workbench } = vscode();
    await workbench.openFile('ci/tasks/build.yml');
    await expect.poll(() => workbench.codeLenses().allInnerTexts()).toContainEqual(expect.stringContaining('Execute'));
    await workbench.screenshot('code-lens');
  });

  test('a key tells what it is for', async () => {
    const { workbench } = vscode();
    const hover = await workbench.hover('platform');
    await expect.poll(() => hover.allInnerTexts()).toContainEqual(expect.stringContaining('platform'));
    await workbench.screenshot('hover-key');
  });
});
