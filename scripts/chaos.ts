/**
 * `npm run chaos -- [--runs N] [--seed S] [--run K] [--only FAULT,…] [--parallel P] [--short]`: whole tasks and jobs on the
 * test cluster under faults, each checked against what it must give. Prints a table of faults and runs; the history of each
 * run that went wrong is in out/chaos/.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { root } from './build/bundles.ts';
import { buildCli } from '../test/cluster/support/cli.ts';
import { allFaults, faultsFor } from './chaos/faults/index.ts';
import { Field } from './chaos/field.ts';
import { planRun } from './chaos/plan.ts';
import { play, type Played } from './chaos/play.ts';
import { again, line, table } from './chaos/report.ts';

const { values } = parseArgs({
  options: {
    runs: { type: 'string' },
    seed: { type: 'string', default: '1' },
    run: { type: 'string' },
    only: { type: 'string', multiple: true, default: [] },
    parallel: { type: 'string', default: '2' },
    list: { type: 'boolean', default: false },
  },
});

/** A whole number from 1, or the end of the program. */
function number(name: 'runs' | 'seed' | 'run' | 'parallel', value: string): number {
  if (/^[1-9]\d{0,5}$/.test(value)) return Number(value);
  console.error(`--${name} is a whole number from 1 to 999999, not '${value}'.`);
  process.exit(1);
}

if (values.list) {
  for (const { name, about } of allFaults) console.log(`${name.padEnd(20)} ${about}`);
  process.exit(0);
}
const only = values.only.flatMap((names) => names.split(','));
for (const name of only) {
  if (allFaults.some((fault) => fault.name === name)) continue;
  console.error(`There is no fault '${name}'; npm run chaos -- --list names them all.`);
  process.exit(1);
}
const seed = number('seed', values.seed);
const parallel = number('parallel', values.parallel);

await buildCli();
const field = await Field.open();
const faults = faultsFor(field.isLocal).filter(({ name }) => only.length === 0 || only.includes(name));
if (faults.length === 0) {
  throw new Error('This cluster cannot have these faults: they need the one of npm run cluster -- up.');
}
const numbers =
  values.run === undefined
    ? Array.from({ length: number('runs', values.runs ?? String(faults.length)) }, (_, at) => at + 1)
    : [number('run', values.run)];

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => stop.abort());
const folder = join(root, 'out', 'chaos');
await mkdir(folder, { recursive: true });
console.log(`${numbers.length} runs, seed ${seed}, ${faults.length} faults, ${parallel} at a time`);

const played: Played[] = [];
const waiting = [...numbers];
async function worker(): Promise<void> {
  for (let run = waiting.shift(); run !== undefined && !stop.signal.aborted; run = waiting.shift()) {
    const plan = planRun(seed, run, faults);
    const fault = faults.find(({ name }) => name === plan.fault);
    if (!fault) throw new Error(`There is no fault '${plan.fault}'.`);
    const result = await play(plan, fault, field);
    played.push(result);
    console.log(line(result));
    if (result.faults.length === 0 && values.run === undefined) continue;
    const path = join(folder, `${seed}-${run}.jsonl`);
    const first = { plan, faults: result.faults, again: again(result, only) };
    await writeFile(path, `${[first, ...result.history].map((each) => JSON.stringify(each)).join('\n')}\n`);
  }
}
await Promise.all(Array.from({ length: parallel }, worker));

const wrong = played.filter((run) => run.faults.length > 0);
console.log(`\n${table(faults, played)}\n`);
for (const run of wrong) {
  console.log(`${again(run, only)}   # ${run.plan.fault}; out/chaos/${seed}-${run.plan.run}.jsonl`);
}
console.log(`${played.length - wrong.length} right, ${wrong.length} wrong`);
process.exitCode = wrong.length === 0 ? 0 : 1;
