import { describe, expect, test } from 'vitest';
import { useVSCode } from './support/vscode.ts';

const vscode = useVSCode({ name: 'check' });

describe('a task file with a mistake', () => {
  test('shows where it is and what is wrong', async () => {
    const { workbench } = vscode();
    await workbench.openFile('ci/tasks/mistake.yml');
    await workbench.squiggles('warning').or(workbench.squiggles('error')).first().waitFor();
    const problems = await workbench.problems();
    await expect.poll(() => problems.allInnerTexts()).toContainEqual(expect.stringContaining('input'));
    await workbench.screenshot('problems');
  });
});
