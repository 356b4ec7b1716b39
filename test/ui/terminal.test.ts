import { describe, expect, test } from 'vitest';
import { useVSCode } from './support/vscode.ts';

const vscode = useVSCode({
  name: 'terminal',
  settings: {
    'tarmac.context': 'tarmac-test',
    'tarmac.namespace': 'tarmac',
    'tarmac.output.presentation': 'terminal',
    // Drawn as text, not as a picture, so that the test can read it.
    'terminal.integrated.gpuAcceleration': 'off',
  },
});

/** A run takes a while on a cluster that does other things. */
const runMs = 120_000;

async function execute(file: string): Promise<void> {
  const { workbench } = vscode();
  await workbench.openFile(file);
  await workbench.codeLenses().filter({ hasText: 'Execute' }).first().click();
  await workbench.confirm();
}

describe('a run in a terminal', () => {
  test('stays to be read when the task has succeeded, until a key is pressed', async () => {
    const { workbench } = vscode();
    await execute('ci/tasks/colours.yml');
    await expect.poll(() => workbench.terminalText(), { timeout: runMs }).toContain('Press any key');
    const shown = await workbench.terminalText();
    expect(shown).toMatch(/red and plain\s+step 3\s+succeeded[^]*total[^]*Press any key/);
    expect(await workbench.terminalStyle('red')).toMatch(/xterm-fg-1\b/);
    await workbench.screenshot('terminal');
    await workbench.focusTerminal();
    await workbench.press('x');
    await expect.poll(() => workbench.terminals().count()).toBe(0);
  });

  test('is aborted by Ctrl-C', async () => {
    const { workbench } = vscode();
    await execute('ci/tasks/forever.yml');
    await expect.poll(() => workbench.terminalText(), { timeout: runMs }).toMatch(/^waiting$/m);
    await workbench.focusTerminal();
    await workbench.press('Control+C');
    await expect.poll(() => workbench.terminalText(), { timeout: runMs }).toMatch(/interrupted[^]*Press any key/);
    await workbench.screenshot('terminal-aborted');
  });

  test('shows what has failed, without a second message of the terminal itself', async () => {
    const { workbench } = vscode();
    await execute('ci/tasks/fails.yml');
    await expect.poll(() => workbench.terminalText(), { timeout: runMs }).toMatch(/no good[^]*failed[^]*Press any key/);
    expect(await workbench.notifications().allInnerTexts()).not.toContainEqual(expect.stringContaining('terminated'));
  });
});
