/** What `npm run chaos` prints. Pure. */
import type { Fitting } from './plan.ts';
import type { Played } from './play.ts';

/** Faults × runs × right, and the sum. */
export function table(faults: readonly Fitting[], played: readonly Played[]): string {
  const rows = faults.flatMap(({ name }) => {
    const runs = played.filter(({ plan }) => plan.fault === name);
    if (runs.length === 0) return [];
    const right = runs.filter((run) => run.faults.length === 0).length;
    const of = (what: string): string =>
      String(runs.filter(({ plan }) => plan.what === what || plan.store === what).length);
    return [[name, String(runs.length), of('task'), of('job'), of('claim'), of('none'), String(right)]];
  });
  const heading = ['fault', 'runs', 'tasks', 'jobs', 'claim', 'without', 'right'];
  const sum = heading.map((_, at) =>
    at === 0 ? 'all' : String(rows.reduce((total, row) => total + Number(row[at]), 0)),
  );
  const lines = [heading, ...rows, sum];
  const widths = heading.map((_, at) => Math.max(...lines.map((line) => (line[at] ?? '').length)));
  const render = (line: readonly string[]): string =>
    line.map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0))).join('  ');
  return lines.map(render).join('\n');
}

/** One line of a run. */
export function line({ plan, faults, seconds }: Played): string {
  const { run, fault, what, store } = plan;
  const mark = faults.length === 0 ? '✓' : '✗';
  return `${mark} ${String(run).padStart(4)} ${fault.padEnd(20)} ${what.padEnd(4)} ${store.padEnd(5)} ${seconds} s${faults.map((each) => `\n       ${each}`).join('')}`;
}

/** How to have a run again. */
export function again({ plan }: Played, only: readonly string[]): string {
  const flags = only.length === 0 ? '' : ` --only ${only.join(',')}`;
  return `npm run chaos -- --seed ${plan.seed} --run ${plan.run}${flags}`;
}
