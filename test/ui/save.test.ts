/** Execute on Save: a task that runs again when a file is saved that it sends. */
import { describe, expect, test } from 'vitest';
import { useVSCode } from './support/vscode.ts';

const vscode = useVSCode({
  name: 'save',
  settings: { 'tarmac.context': 'tarmac-test', 'tarmac.namespace': 'tarmac' },
});

/** A run takes a while on a cluster that does other things. */
const runMs = 120_000;

/** What the status bar says of the task. */
async function status(): Promise<string> {
  const texts = await vscode().workbench.statusBar().allInnerTexts();
  return texts.find((text) => text.includes('passes:')) ?? '';
}

describe('Execute on Save', () => {
  test('runs the task once, after one page', async () => {
    const { workbench } = vscode();
    await workbench.openFile('ci/tasks/passes.yml');
    await workbench.codeLenses().filter({ hasText: 'Execute on Save' }).first().click();
    await workbench.confirm();
    await expect.poll(status, { timeout: runMs }).toMatch(/passes: succeeded in /u);
    await workbench.screenshot('execute-on-save');
  });

  test('runs it again when its file is saved, without a question', async () => {
    const { workbench } = vscode();
    await workbench.placeCursorIn('fine');
    await workbench.page.keyboard.type('very ');
    await workbench.press('Control+s');
    await expect.poll(status, { timeout: runMs }).toMatch(/succeeded in .*1 file changed: .*passes\.yml/u);
    await expect.poll(() => workbench.outputText(), { timeout: runMs }).toMatch(/f?very/u);
    await workbench.screenshot('execute-on-save-again');
  });

  test('ends with a click in the status bar', async () => {
    const { workbench } = vscode();
    await workbench.statusBar().filter({ hasText: 'passes:' }).first().click();
    await expect.poll(status).toBe('');
  });
});
