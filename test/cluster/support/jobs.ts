/** Pipelines for the tests of jobs: their resource type is ours, `resource` of the registry (`scripts/cluster/build/resource-program`). */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { JobSummary } from '#runner/model';
import type { CliHome } from './cli.ts';
import { testCluster } from './cluster.ts';

const cluster = await testCluster();

/** What no pod, file or line may show. */
export const password = 'hunter2-of-the-source';

/** A task config in a pipeline: a shell script, with inputs and outputs. */
export function inlineTask(script: string, more: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    platform: 'linux',
    image_resource: { type: 'registry-image', source: { repository: 'docker.io/library/busybox', tag: 'musl' } },
    run: { path: 'sh', args: ['-ec', script] },
    ...more,
  };
}

/** A task step. */
export function taskStep(
  task: string,
  script: string,
  more: Readonly<Record<string, unknown>> = {},
  step: Readonly<Record<string, unknown>> = {},
): Record<string, unknown> {
  return { task, config: inlineTask(script, more), ...step };
}

/** Names as inputs, outputs or caches are written. */
export function entries(...names: readonly string[]): { name: string }[] {
  return names.map((name) => ({ name }));
}

/** A resource of our type. */
export function resource(name: string, source: Readonly<Record<string, string>> = {}): Record<string, unknown> {
  return { name, type: 'counter', source: { versions: '1 2 3', password, ...source } };
}

/** A pipeline of one job `unit`. */
export function pipelineOf(
  job: Readonly<Record<string, unknown>>,
  resources: readonly unknown[] = [],
  image: { readonly tag: string } = { tag: '1' },
): string {
  return JSON.stringify({
    resource_types: [
      { name: 'counter', type: 'registry-image', source: { repository: cluster.registry.resource, ...image } },
    ],
    resources,
    jobs: [{ name: 'unit', ...job }],
  });
}

/** The id in `job ID`, as soon as it is printed. */
export function jobOf({ stderr }: { readonly stderr: string }): string {
  return /^job (\S+)$/mu.exec(stderr)?.[1] ?? '';
}

/** The jobs that were started in a home, newest first. */
export async function listedJobs(home: CliHome): Promise<JobSummary[]> {
  const { stdout } = await home.call(['runs', '--json']);
  return (JSON.parse(stdout) as (JobSummary & { kind?: string })[]).filter(({ kind }) => kind === 'job');
}

/** Files below a folder that have this text in them. */
export async function filesWith(folder: string, text: string): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    if ((await readFile(path)).includes(text)) found.push(path);
  }
  return found;
}
