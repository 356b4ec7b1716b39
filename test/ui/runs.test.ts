import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { useVSCode } from './support/vscode.ts';

const vscode = useVSCode({ name: 'runs', settings: { 'tarmac.context': 'tarmac-test', 'tarmac.namespace': 'tarmac' } });

describe('the views of Tarmac', () => {
  test('say what to do while there is nothing to show', async () => {
    const { workbench } = vscode();
    await workbench.openView('Tarmac');
    await expect
      .poll(() => workbench.page.locator('.pane-body .welcome-view:visible').first().innerText())
      .toContain('Open a Sample Task');
    await workbench.screenshot('runs-empty');
  });

  test('show a run, its output artifact and the files in it', async () => {
    const { workbench } = vscode();
    await workbench.openFile('ci/tasks/report.yml');
    await workbench.codeLenses().filter({ hasText: 'Execute' }).first().click();
    await workbench.confirm();
    await expect.poll(() => workbench.outputText(), { timeout: 120_000 }).toContain('succeeded');

    const rows = workbench.treeRows('Runs');
    const run = rows.filter({ hasText: /^report\s*succeeded/u });
    // A click on the run shows its output; what it made is behind the arrow.
    await workbench.expand(run);
    const report = rows.filter({ hasText: /^report\s*2 files/u });
    await workbench.expand(report);
    await workbench.expand(rows.filter({ hasText: /^html/u }));
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

  test('an output downloads into a folder', async () => {
    const { workbench, folder } = vscode();
    const rows = workbench.treeRows('Runs');
    const report = rows.filter({ hasText: /^report\s*2 files/u });
    await mkdir(join(folder, 'downloaded'));
    await report.hover();
    await report.locator('a[aria-label="Download…"]').click();
    await workbench.asks('into…');
    // The dialog fills in a folder of its own when it is ready.
    await expect.poll(() => workbench.quickInputValue()).toContain('ci/tasks');
    await workbench.fill(`${join(folder, 'downloaded')}/`);
    await workbench.page.locator('.quick-input-widget .monaco-button', { hasText: 'Download Here' }).click();
    await expect
      .poll(() => readFile(join(folder, 'downloaded/html/index.html'), 'utf8').catch(String))
      .toBe('<h1>93 %</h1>\n');
  });

  test('two runs of one task compare', async () => {
    const { workbench } = vscode();
    await workbench.runCommand('Tarmac: Execute the Last Task Again');
    const rows = workbench.treeRows('Runs');
    await expect.poll(() => rows.filter({ hasText: /^report\s*succeeded/u }).count(), { timeout: 120_000 }).toBe(2);
    await rows.filter({ hasText: 'summary.json' }).click({ button: 'right' });
    await workbench.page.locator('.monaco-menu .action-item', { hasText: 'Compare with Another Run…' }).click();
    await workbench.asks('Compare with which run?');
    await workbench.press('Enter');
    await workbench.page.locator('.tab.active', { hasText: /summary.json: report-\w+ ↔ report-/u }).waitFor();
    await workbench.screenshot('runs-compare');
  });

  test('the store tells what it has', async () => {
    const { workbench } = vscode();
    await workbench.runCommand('Tarmac: Refresh Artifact Store');
    await workbench.runCommand('Tarmac: Focus on Artifact Store View');
    const rows = workbench.treeRows('Artifact Store');
    await expect.poll(() => rows.first().innerText(), { timeout: 60_000 }).toMatch(/Outputs\s*\d+/u);
    await rows.first().click();
    await rows.filter({ hasText: '/ report' }).first().waitFor();
    await workbench.screenshot('store');
  });
});
