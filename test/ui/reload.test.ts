import { describe, expect, test } from 'vitest';
import { useVSCode } from './support/vscode.ts';

const vscode = useVSCode({
  name: 'reload',
  settings: { 'tarmac.context': 'tarmac-test', 'tarmac.namespace': 'tarmac' },
});

describe('a run while the window is loaded anew', () => {
  test('goes on, and its output has neither a gap nor a double', async () => {
    const { workbench } = vscode();
    await workbench.openFile('ci/tasks/count.yml');
    await workbench.runCommand('Tarmac: Execute Task');
    await workbench.confirm();
    await expect.poll(() => workbench.outputText(), { timeout: 120_000 }).toContain('line 5.');
    await workbench.reload();
    // Without a word from the user, who only looks on.
    await workbench.codeLenses().filter({ hasText: 'Execute' }).first().waitFor();
    await workbench.runCommand('Tarmac: Show Output of Run');
    await expect.poll(() => workbench.outputText(), { timeout: 120_000 }).toContain('succeeded');
    await workbench.screenshot('reload');
    await workbench.runCommand('Tarmac: Open Full Log');
    await workbench.activeTab('.log').waitFor();
    await workbench.runCommand('Select All');
    await workbench.press('Control+C');
    const text = await workbench.clipboard();
    const numbers = [...text.matchAll(/^line (\d+)\.$/gm)].map(([, number]) => Number(number));
    expect(numbers).toEqual(Array.from({ length: 100 }, (_, index) => index + 1));
  });
});
