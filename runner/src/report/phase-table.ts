/** Where the time of a run went, collected from its spans. */
import { spanNames, type RunEvent } from '../model/events.ts';
import { formatDuration, formatTable } from '../model/format.ts';

interface Phase {
  readonly label: string;
  readonly depth: number;
  durationMs: number;
}

/** Sums up spans by label, in the order in which they began; a span within another is indented below it. */
export class PhaseTable {
  readonly #phases = new Map<string, Phase>();
  readonly #depths = new Map<number, number>();

  add(event: RunEvent): void {
    if (event.type === 'span-started') {
      const isRoot = event.name === spanNames.run;
      const depth = isRoot ? -1 : (this.#depths.get(event.parent ?? -1) ?? -1) + 1;
      this.#depths.set(event.span, depth);
      if (!isRoot && !this.#phases.has(event.label)) {
        this.#phases.set(event.label, { label: event.label, depth, durationMs: 0 });
      }
    } else if (event.type === 'span-ended') {
      const phase = this.#phases.get(event.label);
      if (phase) phase.durationMs += event.durationMs;
    }
  }

  /** The table, its last line the total; no line when there was no phase. */
  lines(totalMs: number): string[] {
    if (this.#phases.size === 0) return [];
    const rows = [...this.#phases.values()].map((phase) => [
      '  '.repeat(phase.depth) + phase.label,
      formatDuration(phase.durationMs),
    ]);
    return formatTable([['phase', 'duration'], ...rows, ['total', formatDuration(totalMs)]], { right: [1] });
  }

  /** One line: the total, then the phases that are within no other, e.g. `total 4.1s: start pod 2.2s, run 1.8s`. */
  line(totalMs: number): string {
    const outer = [...this.#phases.values()].filter(({ depth }) => depth === 0);
    const parts = outer.map(({ label, durationMs }) => `${label} ${formatDuration(durationMs)}`);
    return [`total ${formatDuration(totalMs)}`, parts.join(', ')].filter((part) => part !== '').join(': ');
  }
}
