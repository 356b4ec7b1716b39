/** The page before the first run of a task: used with the keyboard only. */
import { describe, expect, test } from 'vitest';
import { useVSCode } from './support/vscode.ts';

const vscode = useVSCode({ name: 'confirm' });

/** A run takes a while on a cluster that does other things. */
const runMs = 120_000;

/** How many lists and boxes are open: none, or the one that VS Code shows at a time. */
const openDialogs = (): Promise<number> => vscode().workbench.page.locator('.quick-input-widget:visible').count();

/** Opens a file. From then on it is known as a task, and the key is that of the extension. */
async function open(path: string): Promise<void> {
  const { workbench } = vscode();
  await workbench.openFile(path);
  await workbench.codeLenses().first().waitFor();
}

describe('the first run of a task, with the keyboard', () => {
  test('shows one page with everything that the run gets', async () => {
    const { workbench } = vscode();
    await open('ci/tasks/build.yml');
    await workbench.executeUntil(workbench.page.locator('.quick-input-widget:visible'));
    // The cluster is tried before the page comes.
    await workbench.asks('Press Enter to run', runMs);
    const rows = await workbench.quickPickTexts();
    const has = (text: RegExp): void => expect(rows).toContainEqual(expect.stringMatching(text));
    has(/Cluster[^]*tarmac-test \/ tarmac/u);
    has(/Image[^]*busybox:musl/u);
    has(/source[^]*same name as the input/u);
    has(/settings[^]*same name as the input/u);
    has(/TOKEN[^]*no value/u);
    has(/MODE[^]*fast[^]*from the file/u);
    has(/built[^]*artifact store/u);
    await workbench.screenshot('confirm');
  });

  test('a row is changed in its place, and the page comes back', async () => {
    const { workbench } = vscode();
    // From "Execute" down to TOKEN: cluster, image, two inputs, then the param without a value.
    await workbench.press(...Array.from({ length: 5 }, () => 'ArrowDown'));
    await workbench.press('Enter');
    await workbench.asks('Value for TOKEN (stored securely, never shown)');
    await workbench.screenshot('confirm-secret');
    await workbench.answer('opensesame');
    await workbench.asks('Press Enter to run');
    await expect.poll(() => workbench.quickPickTexts()).toContainEqual(expect.stringMatching(/TOKEN[^]*your secret/u));
    expect((await workbench.quickPickTexts()).join()).not.toContain('opensesame');
  });

  test('what was entered is still there after leaving', async () => {
    const { workbench } = vscode();
    await workbench.press('Escape');
    await expect.poll(openDialogs).toBe(0);
    await workbench.pressExecute();
    await workbench.asks('Press Enter to run');
    await expect.poll(() => workbench.quickPickTexts()).toContainEqual(expect.stringMatching(/TOKEN[^]*your secret/u));
  });

  test('Enter runs it', async () => {
    const { workbench } = vscode();
    await workbench.press('Enter');
    await expect.poll(() => workbench.outputText(), { timeout: runMs }).toContain('total');
    expect(await openDialogs()).toBe(0);
    expect(await workbench.outputText()).not.toContain('opensesame');
  });
});

describe('how often it is asked', () => {
  test.each(['report', 'passes', 'colours'])('%s: one dialog at its first run, none at its second', async (task) => {
    const { workbench } = vscode();
    await workbench.runCommand('Tarmac: Focus on Runs View');
    const ended = workbench.treeRows('Runs').filter({ hasText: new RegExp(String.raw`^${task}\s*succeeded`, 'u') });
    await open(`ci/tasks/${task}.yml`);
    await workbench.pressExecute();
    await workbench.asks('Press Enter to run');
    await workbench.press('Enter');
    await expect.poll(() => ended.count(), { timeout: runMs }).toBe(1);
    await workbench.pressExecute();
    // The second run ends without anybody having answered anything.
    await expect.poll(() => ended.count(), { timeout: runMs }).toBe(2);
    expect(await openDialogs()).toBe(0);
  });

  test('a task that is running is asked about once', async () => {
    const { workbench } = vscode();
    await open('ci/tasks/forever.yml');
    await workbench.pressExecute();
    await workbench.asks('Press Enter to run');
    await workbench.press('Enter');
    await expect.poll(() => workbench.outputText(), { timeout: runMs }).toMatch(/^waiting$/m);
    await workbench.pressExecute();
    const dialog = workbench.page.locator('.monaco-dialog-box:visible');
    await dialog.filter({ hasText: 'forever is already running' }).waitFor();
    await expect
      .poll(() => dialog.locator('.monaco-button').allInnerTexts())
      .toEqual(expect.arrayContaining(['Run Another', 'Restart', 'Show Output']));
    await workbench.screenshot('second-run');
    await workbench.press('Escape');
    await workbench.runCommand('Tarmac: Abort Run');
    await expect
      .poll(
        async () => {
          // Where others run tasks too, it is asked which one; ours is the first.
          if ((await openDialogs()) > 0) await workbench.press('Enter');
          return workbench.outputText();
        },
        { timeout: runMs },
      )
      .toContain('interrupted');
  });
});
