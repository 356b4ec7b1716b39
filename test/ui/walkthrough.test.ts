import type { Locator } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { useVSCode } from './support/vscode.ts';

const vscode = useVSCode({ name: 'walkthrough' });

describe('the walkthrough ends in a green run', () => {
  const steps = ['sample', 'mend', 'cluster', 'execute', 'artifacts', 'job'];
  /** A step by its id in the manifest. */
  const step = (id: string): Locator => vscode().workbench.page.locator(`[data-step-id$="#start#${id}"]`);
  /** Whether a step is ticked off. */
  const done = async (id: string): Promise<boolean> =>
    (await vscode()
      .workbench.page.locator(`[data-done-step-id$="#start#${id}"]`)
      .first()
      .getAttribute('aria-checked')) === 'true';
  /** Opens a step, so that its text and its picture are shown, and presses its button. */
  const press = async (id: string, button: string): Promise<void> => {
    if ((await step(id).getAttribute('aria-expanded')) !== 'true') await step(id).click();
    await step(id).locator('.monaco-button', { hasText: button }).click();
  };
  const showWalkthrough = async (): Promise<void> => {
    const { workbench } = vscode();
    await workbench.runCommand('Welcome: Open Walkthrough...');
    await workbench.quickPick('Run your first task');
    await step('sample').waitFor();
  };

  test('it has six steps with pictures, none of them done', async () => {
    const { workbench } = vscode();
    await showWalkthrough();
    // Pictures stand beside the steps where there is room for both.
    await workbench.runCommand('View: Toggle Primary Side Bar Visibility');
    await workbench.page.locator('.getting-started-media').first().waitFor();
    for (const id of steps) expect(await done(id)).toBe(false);
    await workbench.screenshot('walkthrough');
    await workbench.runCommand('View: Toggle Primary Side Bar Visibility');
  });

  test('a sample task is opened, and a quick fix mends its problem', async () => {
    const { workbench } = vscode();
    await press('sample', 'Open a Sample Task');
    await workbench.page.locator('.tab.active', { hasText: 'tarmac-sample.yml' }).waitFor();
    await expect.poll(() => workbench.squiggles('error').count()).toBeGreaterThan(0);
    await workbench.screenshot('sample-problem');
    await workbench.press('Control+.');
    await workbench.codeActions().filter({ hasText: 'image_resource' }).first().click();
    await expect.poll(() => workbench.squiggles('error').count()).toBe(0);
  });

  test('it is said that the file is new, with a way to be rid of it', async () => {
    const { workbench } = vscode();
    await workbench.runCommand('Notifications: Show Notifications');
    const said = workbench.notifications().filter({ hasText: 'tarmac-sample.yml is new in your workspace' }).first();
    await said.waitFor();
    expect(await said.innerText()).toContain('Delete');
    await workbench.runCommand('Notifications: Hide Notifications');
  });

  test('a cluster is chosen, and the task succeeds on it', async () => {
    const { workbench } = vscode();
    await showWalkthrough();
    await expect.poll(() => done('mend')).toBe(true);
    await press('cluster', 'Choose a Cluster');
    await workbench.asks('On which cluster');
    await workbench.press('Enter');
    await workbench.asks('Namespace (the context');
    await workbench.press('Enter');
    await expect.poll(() => done('cluster'), { timeout: 30_000 }).toBe(true);
    await press('execute', 'Execute the Sample');
    await workbench.confirm();
    await expect.poll(() => workbench.outputText(), { timeout: 120_000 }).toContain('succeeded');
    await workbench.screenshot('sample-succeeded');
  });

  test('its artifact opens, and the job is what is left', async () => {
    const { workbench } = vscode();
    await showWalkthrough();
    await press('artifacts', 'Show Runs');
    const rows = workbench.treeRows('Runs');
    await workbench.expand(rows.filter({ hasText: /^tarmac-sample\s*succeeded/u }));
    await workbench.expand(rows.filter({ hasText: /^result\s*1 file/u }));
    await rows.filter({ hasText: 'greeting.txt' }).dblclick();
    await expect.poll(() => workbench.activeEditor().innerText()).toMatch(/Hello,\sworld!/u);
    await workbench.screenshot('sample-artifact');
    await workbench.page.locator('.tab', { hasText: 'tarmac-sample.yml' }).click();
    await workbench.codeLenses().first().waitFor();
    await workbench.screenshot('sample-overview');
    await showWalkthrough();
    for (const id of steps.filter((each) => each !== 'job')) {
      await expect.poll(() => done(id), { message: id }).toBe(true);
    }
    expect(await done('job')).toBe(false);
  });

  test('a job runs, and all steps are done', async () => {
    const { workbench } = vscode();
    await press('job', 'Open a Sample Pipeline');
    await workbench.page.locator('.tab.active', { hasText: 'tarmac-sample.yml' }).waitFor();
    await workbench.codeLenses().filter({ hasText: 'Execute Job' }).first().click();
    await workbench.confirm();
    await expect.poll(() => workbench.outputText(), { timeout: 180_000 }).toMatch(/job greet-\w+ succeeded/u);
    expect(await workbench.outputText()).toContain('[task:greet] Hello, world!');
    await workbench.screenshot('sample-job');
    await showWalkthrough();
    for (const id of steps) await expect.poll(() => done(id), { message: id }).toBe(true);
    await workbench.screenshot('walkthrough-done');
  });
});
