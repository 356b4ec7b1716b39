/** What a person sees who has no cluster yet, or no right in the namespace: the first thing, with what helps. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Locator } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { useVSCode } from './support/vscode.ts';

const kubeconfigOf = (folder: string): string => join(folder, 'kubeconfig.json');

/** The setting names a kubeconfig, which each test writes. */
const vscode = useVSCode({
  name: 'no-cluster',
  prepare: async (folder) => {
    await mkdir(join(folder, '.vscode'), { recursive: true });
    const settings = { 'tarmac.kubeconfig': kubeconfigOf(folder) };
    await writeFile(join(folder, '.vscode', 'settings.json'), JSON.stringify(settings));
  },
});

async function useKubeconfig(text: string): Promise<void> {
  await writeFile(kubeconfigOf(vscode().folder), text);
}

/** Executes a task from its text, until something is shown. */
async function execute(shows: Locator): Promise<void> {
  const { workbench } = vscode();
  await workbench.openFile('ci/tasks/build.yml');
  await workbench.codeLenses().first().waitFor();
  await workbench.executeUntil(shows);
}

describe('before any question', () => {
  test('a kubeconfig without a cluster is told, with a button that chooses another one', async () => {
    const { workbench } = vscode();
    await useKubeconfig(JSON.stringify({ apiVersion: 'v1', kind: 'Config', contexts: [] }));
    const told = workbench.notifications().filter({ hasText: 'names no Kubernetes cluster' }).first();
    await execute(told);
    await expect.poll(() => told.innerText()).toMatch(/Choose Kubeconfig File…[^]*Open Setting/u);
    expect(await workbench.page.locator('.quick-input-widget:visible').count()).toBe(0);
    await workbench.screenshot('no-cluster');
    await workbench.press('Escape');
  });

  test('a cluster that does not answer is told, with another try', async () => {
    const { workbench } = vscode();
    const kubeconfig = {
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'gone',
      clusters: [{ name: 'c', cluster: { server: 'https://127.0.0.1:9' } }],
      users: [{ name: 'u', user: { token: 'x' } }],
      contexts: [{ name: 'gone', context: { cluster: 'c', user: 'u', namespace: 'ci' } }],
    };
    await useKubeconfig(JSON.stringify(kubeconfig));
    const dialog = workbench.page.locator('.monaco-dialog-box:visible');
    await execute(dialog);
    await expect
      .poll(() => dialog.locator('.monaco-button').allInnerTexts())
      .toEqual(expect.arrayContaining(['Try Again', 'Choose Another…', 'Use Anyway']));
    await workbench.screenshot('unreachable');
    await workbench.press('Escape');
    expect(await workbench.page.locator('.quick-input-widget:visible').count()).toBe(0);
  });
});
