/**
 * Pictures of the editor for people to look at, in three themes, and those of the guide and the marketplace page. It wants the
 * package and a cluster:
 *
 *     npm run package && npm run cluster -- up && npx vitest run --project pictures
 *
 * All are in out/screenshots. With TARMAC_DOC_PICTURES=1 those of the guide are renewed in docs/images, too.
 */
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { useVSCode } from '../../test/ui/support/vscode.ts';

const vscode = useVSCode({ name: 'pictures' });
const root = resolve(import.meta.dirname, '../..');
const isForDocs = process.env['TARMAC_DOC_PICTURES'] === '1';

/** A run takes a while on a cluster that does other things. */
const runMs = 120_000;

/** Names of VS Code's themes, and the class that its window then has. */
const themes = [
  { name: 'dark', theme: 'Dark 2026', shows: 'vs-dark' },
  { name: 'contrast', theme: 'Default High Contrast', shows: 'hc-black' },
  { name: 'light', theme: 'Light 2026', shows: 'vs' },
] as const;

interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A picture in each theme; the light one last, which the rest of the window's life has. */
async function take(name: string): Promise<void> {
  const { workbench, folder } = vscode();
  await mkdir(join(folder, '.vscode'), { recursive: true });
  for (const { name: kind, theme, shows } of themes) {
    const settings = { 'workbench.colorTheme': theme };
    await writeFile(join(folder, '.vscode', 'settings.json'), `${JSON.stringify(settings)}\n`);
    await workbench.page.locator(`.monaco-workbench.${shows}`).waitFor();
    await workbench.screenshot(`${name}-${kind}`);
  }
}

/** In a namespace that others use, too, pictures of the guide show one's own runs only. */
async function showMine(): Promise<void> {
  const { workbench } = vscode();
  if ((await workbench.treeRows('Runs').filter({ hasText: 'by someone else' }).count()) === 0) return;
  await workbench.runCommand('Tarmac: Filter Runs…');
  await workbench.asks('Select what to show');
  await workbench.quickPick('Only my runs');
  await workbench.press('Enter');
}

/** A picture of the guide: in the light theme, the whole window or a part of it. */
async function takeForDocs(name: string, clip?: Rectangle): Promise<void> {
  const { workbench } = vscode();
  await workbench.page.mouse.move(640, 790);
  const path = join(root, 'out', 'screenshots', `docs-${name}.png`);
  await workbench.page.screenshot({ path, animations: 'disabled', ...(clip && { clip }) });
  if (isForDocs) await copyFile(path, join(root, 'docs', 'images', `${name}.png`));
}

const pipeline = `resources:
- name: app
  type: git
  source: {uri: https://example.com/app.git}

jobs:
- name: check
  plan:
  - get: app
    trigger: true
  - in_parallel:
    - task: unit
      file: app/ci/tasks/unit.yml
    - task: lint
      config:
        platform: linux
        image_resource:
          type: registry-image
          source: {repository: busybox, tag: musl}
        inputs: [{name: app}]
        run: {path: sh, args: [-ec, ls app]}
- name: ship
  plan:
  - get: app
    passed: [chek]
    trigger: true
`;

beforeAll(() => {
  // More than a busy machine takes.
  vscode().workbench.page.setDefaultTimeout(150_000);
});

test('the walkthrough', async () => {
  const { workbench } = vscode();
  await workbench.runCommand('Welcome: Open Walkthrough...');
  await workbench.quickPick('Run your first task');
  await workbench.runCommand('View: Toggle Primary Side Bar Visibility');
  await workbench.page.locator('.getting-started-media').first().waitFor();
  await take('walkthrough');
  await workbench.runCommand('View: Toggle Primary Side Bar Visibility');
});

test('an empty file', async () => {
  const { workbench, folder } = vscode();
  await writeFile(join(folder, 'ci', 'tasks', 'new.yml'), '');
  await workbench.openFile('ci/tasks/new.yml');
  await workbench
    .codeLenses()
    .first()
    .waitFor({ timeout: 20_000 })
    .catch(() => undefined);
  await workbench.press('Control+Space');
  await workbench.suggestions().first().waitFor();
  await take('empty-file');
  await workbench.press('Escape');
});

test('a pipeline, and what a file is', async () => {
  const { workbench, folder } = vscode();
  await writeFile(join(folder, 'ci', 'pipeline.yml'), pipeline);
  await workbench.openFile('ci/pipeline.yml');
  await workbench.codeLenses().filter({ hasText: 'Execute' }).first().waitFor();
  await workbench.problems();
  await take('pipeline');
  await workbench.press('Control+1');
  await workbench.runCommand('Tarmac: Treat File As…');
  await workbench.asks('How is pipeline.yml checked');
  await take('treat-as');
  // It is remembered, and the language goes with it.
  await workbench.quickPick('Neither');
  await workbench.statusBar().filter({ hasText: 'YAML' }).first().waitFor();
  await expect.poll(() => workbench.codeLenses().count()).toBe(0);
});

test('a problem', async () => {
  const { workbench } = vscode();
  await workbench.runCommand('View: Hide Panel');
  await workbench.runCommand('View: Close All Editors');
  await workbench.runCommand('Tarmac: Open a Sample Task');
  await workbench.placeCursorIn('image_resouce');
  await workbench.squiggles('error').first().waitFor();
  await workbench.press('Control+.');
  await workbench.codeActions().first().waitFor();
  await take('problem');
  await takeForDocs('problem', { x: 352, y: 30, width: 928, height: 560 });
  await workbench.press('Enter');
  await expect.poll(() => workbench.squiggles('error').count()).toBe(0);
});

test('the first run, and what it left', async () => {
  const { workbench } = vscode();
  await workbench.openView('Tarmac');
  await take('runs-empty');
  await workbench.press('Control+1');
  await workbench.openFile('ci/tasks/build.yml');
  await workbench.executeUntil(workbench.page.locator('.quick-input-widget:visible'));
  await workbench.asks('Press Enter to run', runMs);
  await take('first-run');
  await takeForDocs('params', { x: 300, y: 0, width: 940, height: 600 });
  await workbench.press('Enter');
  await expect.poll(() => workbench.outputText(), { timeout: runMs }).toContain('total');
  await workbench.runCommand('View: Close All Editors');
  await workbench.runCommand('Tarmac: Open a Sample Task');
  await workbench.executeUntil(workbench.page.locator('.quick-input-widget:visible'));
  await workbench.confirm();
  await expect.poll(() => workbench.outputText(), { timeout: runMs }).toContain('total');
  const rows = workbench.treeRows('Runs');
  await workbench.expand(rows.filter({ hasText: /^tarmac-sample\s*succeeded/u }).first());
  await workbench.expand(rows.filter({ hasText: /^result\s*1 file/u }).first());
  await rows.filter({ hasText: 'greeting.txt' }).first().waitFor();
  await showMine();
  await workbench.press('Control+1');
  await takeForDocs('overview');
  await take('output');
});

test('a file of an output beside the one in the workspace', async () => {
  const { workbench } = vscode();
  await workbench.openFile('ci/tasks/report.yml');
  await workbench.executeUntil(workbench.page.locator('.quick-input-widget:visible'));
  await workbench.confirm();
  await expect.poll(() => workbench.outputText(), { timeout: runMs }).toContain('total');
  await workbench.runCommand('View: Hide Panel');
  const rows = workbench.treeRows('Runs');
  await workbench.expand(rows.filter({ hasText: /^report\s*succeeded/u }).first());
  await workbench.expand(rows.filter({ hasText: /^report\s*2 files/u }).first());
  const row = rows.filter({ hasText: 'summary.json' }).first();
  await row.hover();
  await row.locator('a[aria-label="Compare with Workspace File"]').click();
  await workbench.page.locator('.tab.active', { hasText: 'workspace' }).waitFor();
  await expect
    .poll(() => workbench.page.locator('.diff-editor .line-insert, .monaco-diff-editor .line-insert').count())
    .toBeGreaterThan(0);
  await takeForDocs('compare', { x: 48, y: 30, width: 1232, height: 476 });
});

test('a failure', async () => {
  const { workbench } = vscode();
  await workbench.runCommand('View: Close All Editors');
  await workbench.openView('Explorer');
  await workbench.openFile('ci/tasks/hungry.yml');
  await workbench.executeUntil(workbench.page.locator('.quick-input-widget:visible'));
  await workbench.confirm();
  await workbench.page.locator('.notification-toast', { hasText: 'memory' }).waitFor({ timeout: runMs });
  await takeForDocs('failure');
  await take('failure');
  await workbench.page.locator('.notification-toast .monaco-button', { hasText: 'Details' }).click();
  await workbench.page.locator('.tab.active', { hasText: /failure|Preview/iu }).waitFor();
  await take('failure-details');
  await workbench.press('Control+1');
});

test('two runs at once, and the list of runs', async () => {
  const { workbench } = vscode();
  await workbench.openView('Tarmac');
  await workbench.runCommand('View: Close All Editors');
  await workbench.openFile('ci/tasks/forever.yml');
  await workbench.executeUntil(workbench.page.locator('.quick-input-widget:visible'));
  await workbench.confirm();
  await expect.poll(() => workbench.outputText(), { timeout: runMs }).toContain('waiting');
  await workbench.pressExecute();
  const dialog = workbench.page.locator('.monaco-dialog-box');
  await dialog.filter({ hasText: 'already running' }).waitFor({ timeout: runMs });
  await take('already-running');
  await dialog.locator('.monaco-button', { hasText: 'Run Another' }).click();
  const running = workbench.treeRows('Runs').filter({ hasText: /^forever\s*running/u });
  await expect.poll(() => running.count(), { timeout: runMs }).toBe(2);
  await workbench.press('Control+1');
  await take('two-runs');
  await workbench.runCommand('Tarmac: Filter Runs…');
  await workbench.asks('Select what to show');
  await take('filter-runs');
  await workbench.press('Escape');
  for (let left = 2; left > 0; left--) {
    await running.first().hover();
    await running.first().locator('a[aria-label^="Abort"]').click();
    await expect.poll(() => running.count(), { timeout: runMs }).toBe(left - 1);
  }
  await take('runs-view');
});
