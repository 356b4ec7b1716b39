/** The table of the language server's benchmark. */
import { median } from '../results.ts';

/** One comparison: milliseconds, by round. */
export interface Row {
  readonly what: string;
  readonly ours: readonly (readonly number[])[];
  readonly theirs: readonly (readonly number[])[];
  /** Highest ratio that the project wants. */
  readonly goal: number;
  /** The peer waits before it begins. */
  readonly debounced?: boolean;
}

/** What the table says about the run. */
export interface TableFacts {
  readonly peer: string;
  readonly debounceMs: number;
  readonly facts: string;
}

/** The value that 99 of 100 stay below. */
export function p99(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * 0.99) - 1)] ?? Number.NaN;
}

const ms = (value: number): string => value.toFixed(value < 10 ? 2 : 0);

/** Medians of the single rounds compared, so that a machine that drifts does not bend the ratio. */
function ratio({ ours, theirs }: Row, waited: number): number {
  return median(ours.map((round, index) => median(round) / (median(theirs[index] ?? []) - waited)));
}

/** The table as Markdown. */
export function renderTable(rows: readonly Row[], { peer, debounceMs, facts }: TableFacts): string {
  const lines = [
    '# Benchmark of the language server',
    '',
    'Written by `npm run bench -- --only language-server`. Milliseconds through the real protocol over standard streams, the',
    'median of all rounds; a ratio is the median of the ratios of single rounds, Tarmac ÷ peer. Both sides took turns on the',
    `same machine. ${peer} got Tarmac's JSON Schema for the task files; for the pipeline it has no schema and only parses.`,
    `It waits ${debounceMs} ms before it checks a change: the last column leaves that out.`,
    '',
    `- ${facts}`,
    '',
    `| what | Tarmac ms | p99 | ${peer} ms | ratio | goal | | ratio without its wait |`,
    '|---|---|---|---|---|---|---|---|',
  ];
  for (const row of rows) {
    const value = ratio(row, 0);
    const bare = row.debounced === true ? ratio(row, debounceMs).toFixed(2) : '';
    const all = row.ours.flat();
    lines.push(
      `| ${row.what} | ${ms(median(all))} | ${all.length < 20 ? '' : ms(p99(all))} | ${ms(median(row.theirs.flat()))} | ${value.toFixed(2)} | ≤ ${row.goal} | ${value <= row.goal ? 'met' : '**missed**'} | ${bare} |`,
    );
  }
  return `${lines.join('\n')}\n`;
}
