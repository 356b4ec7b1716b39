import { describe, expect, test } from 'vitest';
import { useVSCode } from './support/vscode.ts';

const vscode = useVSCode({
  name: 'restricted',
  asksForTrust: true,
  settings: { 'security.workspace.trust.startupPrompt': 'never' },
});

describe('in a workspace that is not trusted', () => {
  test('tasks are checked', async () => {
    const { workbench } = vscode();
    await workbench.openFile('ci/tasks/mistake.yml');
    await workbench.squiggles('error').first().waitFor();
  });

  test('tasks are not executed: the command is not offered', async () => {
    const { workbench } = vscode();
    await expect
      .poll(() => workbench.statusBar().allInnerTexts())
      .toContainEqual(expect.stringContaining('Restricted Mode'));
    expect(await workbench.offersCommand('Tarmac: Execute Task')).toBe(false);
  });

  test('the view of runs says why it is empty', async () => {
    const { workbench } = vscode();
    await workbench.openView('Tarmac');
    await workbench.page.getByText('To run tasks, trust this workspace first').first().waitFor();
    await workbench.screenshot('restricted');
  });
});
