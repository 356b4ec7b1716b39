/**
 * A real Kubernetes for tests and for the demo: `npm run cluster -- up | down | status | logs`.
 *
 * Where Docker is there, and kind or k3d, the cluster is made with these. Elsewhere `up` needs root on Debian 12 and nothing
 * else: no Docker, no download but Debian packages.
 *
 * In `scripts/cluster/`: `build/` makes Kubernetes and the images, once; `local/` runs them on this machine; `given/` uses
 * a cluster that is there already, or one in Docker; `contents/` is what tests find in each of them. What these and other
 * scripts do with the machine (commands, packages, locks, what is cached) is in `scripts/machine/`.
 */
import { spawn } from 'node:child_process';
import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Command } from 'commander';
import { chooseCluster, dockerTool, removeFromDocker, type Wanted } from './cluster/given/docker-tools.ts';
import { externalKubeconfig, leaveExternal, useDocker, useExternal } from './cluster/given/given.ts';
import { health, parseClusterFile } from './cluster/health.ts';
import { layout, type ClusterFile, type Layout } from './cluster/layout.ts';
import { withLock } from './machine/lock.ts';
import { readIfThere } from './machine/command.ts';
import { localClusterEntry } from './cluster/pki.ts';
import { populate } from './cluster/contents/populate.ts';
import { listIfThere } from './machine/processes.ts';
import { ScriptError, duration, lastLines, say, step } from './machine/report.ts';
import { prepare, start, volumeFolder } from './cluster/local/start.ts';
import { leftovers, tearDown } from './cluster/local/stop.ts';

async function up(at: Layout, asked: Exclude<Wanted, 'external'> | undefined): Promise<void> {
  const began = performance.now();
  const external = externalKubeconfig(at);
  const before = await health(at);
  // A given cluster is prepared each time: what somebody removed there is then there again.
  const healthy = before.problems.length === 0 ? before.file?.kind : undefined;
  const wanted = await chooseCluster(asked, external !== undefined, healthy, dockerTool);
  if (before.file !== undefined && external === undefined && healthy === wanted) {
    say(`The cluster runs (Kubernetes ${before.file.version}).`);
    announce(before.file);
    return;
  }
  const former = before.file?.kind;
  if ((former === 'kind' || former === 'k3d') && former !== wanted) await removeFromDocker(at, former);
  const found = await leftovers(at);
  if (found.length > 0) {
    const why = before.file === undefined ? '' : ` (${before.problems[0] ?? 'another one is wanted'})`;
    await step(`Remove what is left of a former cluster${why}`, () => clean(at));
  }
  await mkdir(at.state, { recursive: true });
  // Volumes that pods may write, sockets and keys are below it.
  await chmod(at.state, 0o700);
  let file: ClusterFile;
  if (external !== undefined) {
    file = await useExternal(at, external);
  } else if (wanted === 'kind' || wanted === 'k3d') {
    file = await useDocker(at, wanted);
  } else {
    const materials = await prepare(at);
    const registry = await start(at, materials);
    const admin = join(at.state, 'admin.kubeconfig');
    file = await populate(at, {
      kind: 'local',
      admin,
      cluster: await localClusterEntry(at),
      volumes: volumeFolder(at),
      registry,
    });
  }
  say(`Kubernetes ${file.version} is up after ${duration(performance.now() - began)}.`);
  announce(file);
}

function announce(file: ClusterFile): void {
  say(`KUBECONFIG=${file.userKubeconfig}`);
}

async function down(at: Layout): Promise<void> {
  const file = parseClusterFile(await readIfThere(at.file));
  if ((await leftovers(at)).length === 0) {
    say('No cluster runs.');
    return;
  }
  const kind = file?.kind;
  if (kind === 'kind' || kind === 'k3d') await step(`Delete the ${kind} cluster`, () => removeFromDocker(at, kind));
  if (file?.kind === 'external') await step("Delete the tests' namespaces", () => leaveExternal(at, file));
  await step('Remove processes, mounts, cgroups, network interfaces and files', () => clean(at));
  say('Nothing is left.');
}

/** Takes away and insists on it. */
async function clean(at: Layout): Promise<void> {
  const left = await tearDown(at);
  if (left.length > 0) {
    throw new ScriptError(`Of the former cluster is left:\n  ${left.join('\n  ')}`, {
      next: 'Run `npm run cluster -- down` again; what stays then is held by another program.',
    });
  }
}

async function status(at: Layout): Promise<void> {
  const { file, daemons, problems } = await health(at);
  if (file === undefined && daemons.every(([, pid]) => pid === undefined)) say('No cluster runs.');
  for (const [name, pid] of daemons) {
    if (file !== undefined || pid !== undefined) say(`${name.padEnd(24)} ${pid ?? 'does not run'}`);
  }
  if (file !== undefined) {
    for (const [name, value] of Object.entries(file)) if (typeof value === 'string') say(`${name.padEnd(24)} ${value}`);
    say(`${'registry'.padEnd(24)} ${file.registry.image}`);
  }
  for (const problem of problems) say(`! ${problem}`);
  process.exitCode = problems.length === 0 ? 0 : 1;
}

async function logs(
  at: Layout,
  component: string | undefined,
  options: { follow?: boolean; lines: string },
): Promise<void> {
  const names = (await listIfThere(at.logs)).map((name) => name.replace(/\.log$/, '')).sort();
  if (component !== undefined && !names.includes(component)) {
    throw new ScriptError(`There is no log of "${component}".`, { next: `There are: ${names.join(', ') || 'none'}` });
  }
  const files = (component === undefined ? names : [component]).map((name) => join(at.logs, `${name}.log`));
  if (files.length === 0) throw new ScriptError('There are no logs: no cluster runs.');
  const tail = spawn('tail', ['-n', options.lines, ...(options.follow === true ? ['-F'] : []), ...files], {
    stdio: 'inherit',
  });
  await new Promise((resolve) => tail.once('close', resolve));
}

/** What a failure prints: the cause, the end of the log that tells more, and the next step. */
async function fail(error: unknown): Promise<void> {
  if (!(error instanceof ScriptError)) {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  } else {
    process.stderr.write(`\n${error.message}\n`);
    if (error.log !== undefined) {
      const text = (await readIfThere(error.log)) ?? '';
      process.stderr.write(`\nThe end of ${error.log}:\n${lastLines(text, 20).replace(/^/gm, '  | ')}\n`);
    }
    if (error.next !== undefined) process.stderr.write(`\nNext step: ${error.next}\n`);
  }
  process.exitCode = 1;
}

async function main(): Promise<void> {
  const at = layout(process.env);
  const program = new Command('cluster').description('A real one-node Kubernetes for tests and for the demo');
  program
    .command('up')
    .description('start it, unless it runs; prints the KUBECONFIG to use')
    .option('--kind', 'make it with kind in Docker')
    .option('--k3d', 'make it with k3d in Docker')
    .option('--local', 'build it here, as root on Debian 12, although kind or k3d is there')
    .action((options: Partial<Record<Exclude<Wanted, 'external'>, boolean>>) => {
      const asked = (['kind', 'k3d', 'local'] as const).find((each) => options[each] === true);
      return withLock(at.state, () => up(at, asked));
    });
  program
    .command('down')
    .description('stop it and remove everything that it left on the machine')
    .action(() => withLock(at.state, () => down(at)));
  program
    .command('status')
    .description('what runs, which version, which kubeconfigs; exits with 1 when it is not healthy')
    .action(() => status(at));
  program
    .command('logs [component]')
    .description('the end of the logs')
    .option('-f, --follow', 'go on as they grow')
    .option('-n, --lines <count>', 'how many lines of each', '40')
    .action((component: string | undefined, options: { follow?: boolean; lines: string }) =>
      logs(at, component, options),
    );
  await program.parseAsync();
}

// Who stops reading the progress (`… | head`) does not stop the work.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

try {
  await main();
} catch (error) {
  await fail(error);
}
