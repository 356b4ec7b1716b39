import { describe, expect, test } from 'vitest';
import { useVSCode } from './support/vscode.ts';

const vscode = useVSCode({ name: 'runs', settings: { 'tarmac.context': 'tarmac-test', 'tarmac.namespace': 'tarmac' } });

describe('the views of Tarmac', () => {
  test('say what to do while there is nothing to show', async () => {
    const { workbench } = vscode();
    await workbench.openView('Tarmac');
    await expect
      .poll(() => workbench.page.locator('.pane-body .welcome-view:visible').first().innerText())
      .toContain('Execute Task');
    await workbench.screenshot('runs-empty');
  });

  test('show a run, its output artifact and the files in it', async () => {
    const { workbench } = vscode();
    await workbench.openFile('ci/tasks/report.yml');
    await workbench.codeLenses().filter({ hasText: 'Execute' }).first().click();
    await workbench.asks("Where does output 'report' go?");
    await workbench.press('Enter');
    await expect.poll(() => workbench.outputText(), { timeout: 120_000 }).toContain('succeeded');

    const rows = workbench.treeRows('Runs');
    const run = rows.filter({ hasText: /^report\s*succeeded/u });
    await run.click();
    const report = rows.filter({ hasText: /^report\s*2 files/u });
    await report.click();
    await rows.filter({ hasText: 'html' }).click();
    await rows.filter({ hasText: 'index.html' }).waitFor();
    await workbench.screenshot('runs-tree');
  });

  test('open a file of an artifact, and compare it with the one in the workspace', async () => {
    const { workbench } = vscode();
    const rows = workbench.treeRows('Runs');
    await rows.filter({ hasText: 'summary.json' }).dblclick();
    await expect.poll(() => workbench.activeEditor().innerText()).toContain('93');
    await workbench.screenshot('artifact-file');
    const row = rows.filter({ hasText: 'summary.json' });
    await row.hover();
    await row.locator('a[aria-label="Compare with Workspace File"]').click();
    await workbench.page.locator('.tab.active', { hasText: 'workspace' }).waitFor();
    await expect
      .poll(() => workbench.page.locator('.diff-editor .line-insert, .monaco-diff-editor .line-insert').count())
      .toBeGreaterThan(0);
    await workbench.screenshot('artifact-compare');
  });

  test('the store tells what it has', async () => {
    const { workbench } = vscode();
    await workbench.runCommand('Tarmac: Look into the Artifact Store');
    await workbench.runCommand('Tarmac: Focus on Artifact Store View');
    const rows = workbench.treeRows('Artifact Store');
    await expect.poll(() => rows.first().innerText(), { timeout: 60_000 }).toMatch(/Outputs\s*\d+/u);
    await rows.first().click();
    await rows.filter({ hasText: '/ report' }).first().waitFor();
    await workbench.screenshot('store');
  });
});
