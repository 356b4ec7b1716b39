import { expect, test } from 'vitest';
import { useVSCode } from './support/vscode.ts';

const vscode = useVSCode({ name: 'language', language: 'de' });

test('in another display language commands, questions and what is said about answers are translated', async () => {
  const { workbench } = vscode();
  await workbench.openFile('ci/unit-task.yaml');
  // From then on the commands of the extension are there.
  await workbench.codeLenses().first().waitFor();
  await workbench.runCommand('Tarmac: «Execute Task»');
  // The title has the name of the task in it.
  await workbench.asks('«Execute unit-task»', 120_000);
  await workbench.asks('«Press Enter to fill in what is missing');
  await expect
    .poll(() => workbench.quickPickTexts())
    .toContainEqual(expect.stringContaining('«current context of kubectl»'));
  await workbench.screenshot('translated-page');
  await workbench.press('Enter');
  await workbench.asks('«The task names no image');
  // The box does not hear a key that comes while it is drawn.
  await expect
    .poll(
      async () => {
        await workbench.press('Enter');
        return workbench.asks('«A task needs an image.»', 5_000).then(
          () => 'asked',
          () => 'nothing',
        );
      },
      { timeout: 60_000 },
    )
    .toBe('asked');
  await workbench.screenshot('translated');
  await workbench.press('Escape', 'Escape');
});
