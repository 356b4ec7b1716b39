/** A job of a pipeline, from the lens above it to its tree in the Runs view, while the window is loaded anew. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { useVSCode } from './support/vscode.ts';

const vscode = useVSCode({ name: 'job', settings: { 'tarmac.context': 'tarmac-test', 'tarmac.namespace': 'tarmac' } });

/** A job takes a while on a cluster that does other things. */
const jobMs = 180_000;

const config = (script: string, more = ''): string =>
  `{platform: linux, image_resource: {type: registry-image, source: {repository: busybox, tag: musl}}, ${more}run: {path: sh, args: [-ec, "${script}"]}}`;
const pipeline = `jobs:
- name: ship
  plan:
  - task: build
    config: ${config('echo built >bin/app; echo compiled', 'outputs: [{name: bin}], ')}
  - task: wait
    config: ${config('for n in $(seq 120); do echo beat $n.; sleep 0.2; done')}
  - task: check
    config: ${config('cat bin/app; exit 3', 'inputs: [{name: bin}], ')}
  - across: [{var: os, values: [linux, mac]}]
    do:
    - task: pack
      config: ${config('echo packed')}
    - task: sign
      config: ${config('echo signed')}
  ensure:
    task: tidy
    config: ${config('echo tidied')}
`;

beforeAll(async () => {
  const { folder } = vscode();
  await mkdir(join(folder, 'ci'), { recursive: true });
  await writeFile(join(folder, 'ci/pipeline.yml'), pipeline);
});

describe('a job', () => {
  test('begins at the lens above it, with one page', async () => {
    const { workbench } = vscode();
    await workbench.openFile('ci/pipeline.yml');
    await workbench.codeLenses().filter({ hasText: 'Execute Job' }).first().click();
    await workbench.asks('Press Enter to run', 120_000);
    expect(await workbench.quickPickTexts()).toContainEqual(expect.stringContaining('Steps'));
    await workbench.screenshot('job-page');
    await workbench.press('Enter');
    await expect.poll(() => workbench.outputText(), { timeout: jobMs }).toContain('[task:wait] beat 5.');
  });

  test('shows all steps of the plan while it runs, nested, with those that wait', async () => {
    const { workbench } = vscode();
    await workbench.openView('Tarmac');
    const rows = workbench.treeRows('Runs');
    await rows.filter({ hasText: /^task:wait\s*running/u }).waitFor();
    await rows.filter({ hasText: /^task:check\s*pending/u }).waitFor();
    await rows.filter({ hasText: /^across os\s*pending/u }).waitFor();
    await rows.filter({ hasText: /^os=mac\s*pending/u }).waitFor();
    expect(await rows.filter({ hasText: /^os=mac/u }).getAttribute('aria-level')).toBe('3');
    await workbench.screenshot('job-pending');
  });

  test('continues when the window is loaded anew, and its steps are below it', async () => {
    const { workbench } = vscode();
    await workbench.reload();
    await workbench.openView('Tarmac');
    const rows = workbench.treeRows('Runs');
    await rows.filter({ hasText: /^ship\s*job · failed/u }).waitFor({ timeout: jobMs });
    await rows.filter({ hasText: /^task:check\s*failed \(3\)/u }).waitFor();
    await rows.filter({ hasText: /^across os\s*skipped/u }).waitFor();
    await rows.filter({ hasText: /^task:tidy\s*ensure · succeeded/u }).waitFor();
    await workbench.expand(rows.filter({ hasText: /^task:build/u }));
    await rows.filter({ hasText: /^bin\s*1 file/u }).waitFor();
    await workbench.screenshot('job-tree');
  });

  test('runs again from a step that failed, with what was made before it', async () => {
    const { workbench } = vscode();
    const row = workbench.treeRows('Runs').filter({ hasText: /^task:check/u });
    await row.hover();
    await row.locator('a[aria-label="Execute Job from Here"]').click();
    await expect
      .poll(
        () =>
          workbench
            .treeRows('Runs')
            .filter({ hasText: /^ship\s*job · failed/u })
            .count(),
        { timeout: jobMs },
      )
      .toBe(2);
    await workbench.screenshot('job-again');
  });
});
