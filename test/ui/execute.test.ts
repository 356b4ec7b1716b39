import { describe, expect, test } from 'vitest';
import { useVSCode } from './support/vscode.ts';

const vscode = useVSCode({ name: 'execute' });

/** A run takes a while on a cluster that does other things. */
const runMs = 120_000;

describe('the first run of a task', () => {
  test('shows everything on one page, each row with its question', async () => {
    const { workbench } = vscode();
    await workbench.openFile('ci/tasks/build.yml');
    await workbench.codeLenses().filter({ hasText: 'Execute' }).first().click();

    await workbench.asks('Press Enter to run', runMs);
    await expect.poll(() => workbench.quickPickTexts()).toContainEqual(expect.stringContaining('from the file'));
    await workbench.screenshot('ask-params');

    await workbench.quickPick('same name as the input');
    await workbench.asks("Where does input 'source' come from?");
    await workbench.screenshot('ask-input');
    await workbench.press('Enter');

    await workbench.asks('Press Enter to run');
    await workbench.quickPick('TOKEN');
    await workbench.asks('Value for TOKEN');
    await workbench.screenshot('ask-secret');
    await workbench.answer('opensesame');

    await workbench.asks('Press Enter to run');
    await workbench.quickPick('built');
    await workbench.asks("Where does output 'built' go?");
    await workbench.screenshot('ask-outputs');
    await workbench.press('Enter');

    await workbench.asks('Press Enter to run');
    await workbench.quickPick('Cluster');
    await workbench.asks('On which cluster');
    await workbench.screenshot('ask-cluster');
    await workbench.press('Enter');
    await workbench.asks('Namespace (the context');
    await workbench.press('Enter');

    await workbench.asks('Press Enter to run');
    await workbench.press('Enter');
  });

  test('shows its output as it comes, and no secret', async () => {
    const { workbench } = vscode();
    await expect.poll(() => workbench.outputText(), { timeout: runMs }).toContain('total');
    await workbench.screenshot('output');
    // Where the time went takes one line, so that what the task printed is in view.
    const inView = await workbench.outputText();
    expect(inView).toContain('colour: blue');
    expect(inView).toMatch(/succeeded\s+total \S+: .*run/u);
    await workbench.runCommand('View: Toggle Maximized Panel');
    await expect.poll(() => workbench.outputText()).toContain('mode fast');
    const shown = await workbench.outputText();
    expect(shown).toContain('succeeded');
    expect(shown).not.toContain('opensesame');
    await workbench.screenshot('output-maximized');
    await workbench.runCommand('View: Toggle Maximized Panel');
  });
});

describe('a task that needs more than it may have', () => {
  test('is told as a card, with what mends it', async () => {
    const { workbench } = vscode();
    await workbench.openFile('ci/tasks/hungry.yml');
    await workbench.runCommand('Tarmac: Execute Task');
    await workbench.confirm();
    const card = workbench.notifications().filter({ hasText: 'memory' }).first();
    await card.waitFor({ timeout: runMs });
    await workbench.screenshot('failure');
    await card.getByText('Go to Limits').click();
    // The line of the file that is to be changed.
    await expect.poll(() => workbench.statusBar().allInnerTexts()).toContainEqual(expect.stringMatching(/Ln 1[01],/u));
  });
});
