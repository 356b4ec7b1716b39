/** Plays one run to its end, and looks at what came of it. */
import { readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { eventsOf, type Ended } from '../../test/cluster/support/cli.ts';
import { listedJobs } from '../../test/cluster/support/jobs.ts';
import { faultsOf, type Seen, type SeenRun } from './check.ts';
import type { Fault } from './fault.ts';
import { storeFaults, type Field } from './field.ts';
import type { ChaosPlan } from './plan.ts';
import { Scene, type Happened } from './scene.ts';
import { jobArtifact, treeOf } from './workload.ts';

/** How one run went. */
export interface Played {
  readonly plan: ChaosPlan;
  /** What is wrong; nothing when all is right. */
  readonly faults: readonly string[];
  readonly history: readonly Happened[];
  readonly seconds: number;
}

/** Longer than the longest fault; what takes longer hangs. */
const limitMs = 8 * 60_000;
/** Deleting takes the kubelet a moment, longer while others start. */
const goneMs = 90_000;

/** Plays a run. Never rejects: what goes wrong with the playing itself is told as a fault, too. */
export async function play(plan: ChaosPlan, fault: Fault, field: Field): Promise<Played> {
  const began = performance.now();
  const history: Happened[] = [];
  let faults: string[];
  try {
    await using scene = await Scene.open(plan, fault, field);
    try {
      faults = await withinLimit(scene, playIn(scene, fault));
    } finally {
      history.push(...scene.history);
    }
  } catch (error) {
    faults = [
      `the run could not be played: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
    ];
  }
  return { plan, faults, history, seconds: Math.round((performance.now() - began) / 1000) };
}

async function withinLimit(scene: Scene, work: Promise<string[]>): Promise<string[]> {
  const limit = new AbortController();
  const late = delay(limitMs, undefined, { signal: limit.signal }).then(() => {
    const { stdout, stderr } = scene.client;
    scene.note('hangs', { stdout: stdout.slice(-500), stderr: stderr.slice(-2000) });
    return [`it still runs after ${limitMs / 60_000} minutes`];
  });
  // It is aborted where the work comes first: nobody waits for it then.
  late.catch(() => undefined);
  try {
    return await Promise.race([work, late]);
  } finally {
    limit.abort();
    // It has gone on beyond the limit, which is what is told.
    work.catch(() => undefined);
  }
}

async function playIn(scene: Scene, fault: Fault): Promise<string[]> {
  const { plan } = scene;
  await fault.arrange?.(scene);
  const first = scene.start(scene.firstCommand);
  const during = fault.during?.(scene);
  const firstEnd = await first.done;
  scene.note('first command ended', { code: firstEnd.code, stderr: said(firstEnd) });
  const end = (await during) ?? firstEnd;
  if (end !== firstEnd) scene.note('last command ended', { code: end.code, stderr: said(end) });
  scene.note('harmed', scene.harmed);
  scene.calm();
  await fault.afterwards?.(scene);
  const seen = await look(scene, end);
  const expected = fault.expected(scene);
  const faults = faultsOf(plan, expected, seen);
  scene.note('expected', expected);
  scene.note('seen', {
    ...seen,
    stdout: seen.stdout.slice(-300),
    stderr: said(end),
    runs: seen.runs.map((run) => ({ ...run, stdout: run.stdout.length, stderr: run.stderr.length })),
  });
  return faults;
}

/** What was said beside the lines of the task. */
function said({ stderr }: Ended): string {
  return stderr.replace(/^(?:\[\S+\] )?err \d+ \d+\n/gm, '').slice(-1500);
}

async function look(scene: Scene, end: Ended): Promise<Seen> {
  const { plan, home } = scene;
  const isJob = plan.what === 'job';
  const [job] = isJob ? await listedJobs(home) : [];
  const ids = job ? job.steps.map(({ runs }) => runs.at(-1) ?? '').filter((id) => id !== '') : [await scene.id()];
  const runs: SeenRun[] = [];
  for (const id of ids.filter((each) => each !== '')) {
    const record = await scene.record(id);
    if (!record) continue;
    const { status, exitCode, failure } = record;
    const log = (name: string): Promise<string> =>
      readFile(join(home.state, 'tarmac', 'runs', id, name), 'utf8').catch(() => '');
    const [stdout, stderr] = [await log('stdout.log'), await log('stderr.log')];
    const step = job?.steps.find((each) => each.runs.includes(id))?.name;
    runs.push({ run: id, task: step ?? record.task, status, exitCode, failure: failure?.kind, stdout, stderr });
  }
  let artifact: Seen['artifact'];
  if (isJob && scene.store && job?.state === 'succeeded') {
    await scene.call(['download', `${job.id}/all`, 'all']);
    artifact = {
      wanted: jobArtifact(plan),
      // Without the file nothing is found, which differs from what is wanted.
      found: await readFile(join(home.cwd, 'all', 'text'), 'utf8').catch(() => undefined),
    };
  }
  const isEvents = scene.firstCommand.includes('--events') && !scene.notes.has('attached');
  return {
    code: end.code,
    ...(isEvents ? streams(end) : { stdout: end.stdout.replace(/^\S+ aborted\n$/m, ''), stderr: end.stderr }),
    runs,
    sent: isJob ? [] : await treeOf(join(home.cwd, 'src')),
    received: isJob ? undefined : await treeOf(join(home.cwd, 'out')).catch(() => undefined),
    artifact,
    job: job?.state,
    left: await leftOf(scene),
    isUnknown: scene.notes.has('nothing'),
    abortCode: scene.notes.get('abortCode') as number | undefined,
  };
}

/** The streams of a command that printed events; pieces must follow each other without a gap. */
function streams({ stdout, stderr }: Ended): { stdout: string; stderr: string } {
  const texts = { stdout: '', stderr: '' };
  for (const event of eventsOf(stdout)) {
    if (event.type !== 'output') continue;
    const data = event.data as unknown as string | { base64: string };
    if (event.offset !== Buffer.byteLength(texts[event.stream])) texts[event.stream] += `(offset ${event.offset})`;
    texts[event.stream] += typeof data === 'string' ? data : Buffer.from(data.base64, 'base64').toString();
  }
  return { stdout: texts.stdout, stderr: texts.stderr + stderr };
}

/** Waits until nothing is left, and says what is left all the same. */
async function leftOf(scene: Scene): Promise<string[]> {
  const until = Date.now() + goneMs;
  for (;;) {
    const left = await leftNow(scene);
    if (left.length === 0 || Date.now() > until) return left;
    await delay(500);
  }
}

async function leftNow(scene: Scene): Promise<string[]> {
  const { field, home, store } = scene;
  const runs = await home.runs();
  const left = (await field.pods(runs, store?.folder === undefined ? undefined : store.claim)).map(
    ({ metadata }) => `pod ${metadata.name} is left`,
  );
  if (left.length > 0) return left;
  for (const run of runs) {
    const secrets = await field.admin([
      'get',
      'secrets',
      '-n',
      field.cluster.namespace,
      '-l',
      `tarmac/run=${run}`,
      '-o',
      'name',
    ]);
    if (secrets.trim() !== '') left.push(`${secrets.trim()} is left`);
  }
  for (const name of await readdir(scene.temporary)) left.push(`temporary file ${name} is left`);
  for (const folder of [home.cwd, home.state]) {
    const names = await readdir(folder, { recursive: true });
    left.push(...names.filter((name) => /\.(?:part|tmp)$|\.tarmac-/.test(name)).map((name) => `${name} is left`));
  }
  for (const pid of await processesOf(home.state)) left.push(`process ${pid} is left`);
  if (store?.folder !== undefined) {
    let faults = await storeFaults(store.folder);
    // What the fault itself has damaged, and nobody has asked for since.
    // A container that is killed, be it with its pod, cannot remove what it was writing: the next writer does, a day later.
    const isWriterKilled = scene.notes.has('writer killed');
    if (isWriterKilled) faults = faults.filter((fault) => !fault.startsWith('temporary file '));
    left.push(...(scene.notes.has('damaged') ? faults.filter((fault) => !isOurDamage(fault)) : faults));
  }
  return left;
}

const isOurDamage = (fault: string): boolean => /\.half$|^manifest (?:outputs|trees)\/|^archive packs\//.test(fault);

/** Processes that have a user's state folder in their environment. */
async function processesOf(state: string): Promise<string[]> {
  const found: string[] = [];
  for (const pid of await readdir('/proc')) {
    if (!/^\d+$/.test(pid)) continue;
    const environment = await readFile(join('/proc', pid, 'environ'), 'latin1').catch(() => '');
    if (environment.includes(`XDG_STATE_HOME=${state}\0`)) {
      found.push(`${pid} (${await readlink(`/proc/${pid}/exe`).catch(() => '')})`);
    }
  }
  return found;
}
