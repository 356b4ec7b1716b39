/** The table of the benchmark. */

/** One side of a comparison: the seconds of each round. */
export interface Measured {
  readonly name: string;
  readonly seconds: readonly number[];
}

export interface Comparison {
  readonly what: string;
  readonly ours: Measured;
  readonly peers: readonly Measured[];
  /** Highest ratio to the first peer that the project wants. */
  readonly goal?: number;
  /** Peak resident memory of our process over all rounds, and of a run that transfers nothing, in MiB. */
  readonly memory?: { readonly peakMiB: number; readonly idleMiB: number; readonly goalGrowthMiB: number };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

const seconds = (value: number): string => value.toFixed(2);

/** Ratios round by round, so that a machine that drifts does not bend them. */
function ratio(ours: Measured, peer: Measured): number {
  return median(ours.seconds.map((value, round) => value / (peer.seconds[round] ?? Number.NaN)));
}

function spread(values: readonly number[]): string {
  return `${seconds(median(values))} (${seconds(Math.min(...values))}–${seconds(Math.max(...values))})`;
}

export function renderResults(comparisons: readonly Comparison[], facts: readonly string[]): string {
  const lines = [
    '# Benchmark',
    '',
    'Written by `npm run bench`. Seconds are the median of all rounds (lowest–highest); a ratio is the median of the ratios',
    'of single rounds, Tarmac ÷ peer: below 1 Tarmac is quicker. Both sides took turns on the same machine and cluster.',
    '',
    ...facts.map((fact) => `- ${fact}`),
    '',
    '| what | Tarmac s | peer | peer s | ratio | goal | |',
    '|---|---|---|---|---|---|---|',
  ];
  for (const { what, ours, peers, goal } of comparisons) {
    for (const [index, peer] of peers.entries()) {
      const value = ratio(ours, peer);
      const wanted = index === 0 && goal !== undefined;
      lines.push(
        `| ${what} | ${spread(ours.seconds)} | ${peer.name} | ${spread(peer.seconds)} | ${value.toFixed(2)} | ${wanted ? `≤ ${goal}` : ''} | ${wanted ? (value <= goal ? 'met' : '**missed**') : ''} |`,
      );
    }
  }
  const withMemory = comparisons.filter((comparison) => comparison.memory !== undefined);
  if (withMemory.length > 0) {
    lines.push(
      '',
      '| what | peak RSS MiB | RSS of a run that moves nothing MiB | growth MiB | goal | |',
      '|---|---|---|---|---|---|',
    );
    for (const { what, memory } of withMemory) {
      if (!memory) continue;
      const growth = memory.peakMiB - memory.idleMiB;
      lines.push(
        `| ${what} | ${memory.peakMiB.toFixed(0)} | ${memory.idleMiB.toFixed(0)} | ${growth.toFixed(0)} | < ${memory.goalGrowthMiB} | ${growth < memory.goalGrowthMiB ? 'met' : '**missed**'} |`,
      );
    }
  }
  return `${lines.join('\n')}\n`;
}
