import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Uri as RealUri } from 'vscode';
import { seen, Uri, workspace } from '../../../test/fakes/vscode-results.ts';
import { ReportPanels } from './report-panels.ts';

vi.mock('vscode', () => import('../../../test/fakes/vscode-results.ts'));

let folder: string;
let panels: ReportPanels;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tarmac-pages-'));
  await mkdir(join(folder, 'out/html'), { recursive: true });
  await writeFile(join(folder, 'out/html/index.html'), '<h1>93 %</h1><a href="cart.html">cart</a><script>1</script>');
  await writeFile(join(folder, 'out/html/cart.html'), '<h1>cart</h1>');
  await writeFile(join(folder, 'secret.html'), 'secret');
  panels = new ReportPanels();
  seen.panels.length = 0;
  seen.executed.length = 0;
});

afterEach(async () => {
  panels.dispose();
  workspace.isTrusted = true;
  await rm(folder, { recursive: true });
});

async function open(path = 'html/index.html'): Promise<void> {
  const root = Uri.file(join(folder, 'out')) as unknown as RealUri;
  await panels.open({ root, path, title: `out: ${path}` });
}
const follow = async (path: unknown): Promise<void> => {
  await seen.commands.get('tarmac.openReportPage')?.(path);
};
const html = (): string => seen.panels[0]?.webview.html ?? '';

test('a page may load files of its output, and runs no script', async () => {
  await open();
  const options = seen.panels[0]?.webview.options ?? {};
  expect(options).toMatchObject({ enableScripts: false, enableCommandUris: ['tarmac.openReportPage'] });
  expect((options['localResourceRoots'] as Uri[]).map(({ path }) => path)).toEqual([join(folder, 'out')]);
  expect(html()).toContain("script-src 'none'");
  expect(html()).toContain('<h1>93 %</h1>');
  expect(html()).toContain(`<base href="https://file+.vscode-resource.vscode-cdn.net${folder}/out/html/">`);
});

test('a page that is open comes to the front', async () => {
  await open();
  await open();
  expect(seen.panels).toHaveLength(1);
});

test('scripts run when a person has said so, in a trusted workspace only', async () => {
  await open();
  workspace.isTrusted = false;
  await panels.allowScripts();
  expect(seen.panels[0]?.webview.options).toMatchObject({ enableScripts: false });
  workspace.isTrusted = true;
  await panels.allowScripts();
  expect(seen.panels[0]?.webview.options).toMatchObject({ enableScripts: true });
  expect(html()).toMatch(/script-src https:\/\/\*\.vscode-resource/u);
});

test('a link leads to another page of the output, and nowhere else', async () => {
  await open();
  await follow('html/cart.html');
  expect(html()).toContain('<h1>cart</h1>');
  for (const path of ['../secret.html', 'html/../../secret.html', '/etc/passwd', '..\\secret.html', 7, undefined]) {
    await follow(path);
  }
  expect(html()).toContain('<h1>cart</h1>');
  await follow('html/data.json');
  expect(seen.executed.map(([id]) => id)).toEqual(['vscode.open']);
});
