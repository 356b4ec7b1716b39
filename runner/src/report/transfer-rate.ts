/** How fast bytes move, over the last few seconds. */
import { formatBytes, formatDuration } from '../model/format.ts';

/** A shorter window would jump about, a longer one would hide that a transfer has come to a halt. */
const windowMs = 3000;

/** Watches one transfer. */
export class TransferRate {
  readonly #samples: { readonly at: number; readonly bytes: number }[] = [];

  /** Bytes per second once two samples are known. */
  add(at: number, bytes: number): number | undefined {
    this.#samples.push({ at, bytes });
    while (this.#samples.length > 2 && at - (this.#samples[1]?.at ?? at) >= windowMs) this.#samples.shift();
    const first = this.#samples[0];
    if (!first || at <= first.at) return undefined;
    return ((bytes - first.bytes) * 1000) / (at - first.at);
  }
}

/** `12.0 MiB / 48.0 MiB  25%  8.0 MiB/s  ETA 4.5s`; what is not known is left out. */
export function formatTransfer(bytes: number, total: number | undefined, rate: number | undefined): string {
  const parts = [total === undefined ? formatBytes(bytes) : `${formatBytes(bytes)} / ${formatBytes(total)}`];
  if (total !== undefined && total > 0) parts.push(`${Math.min(100, Math.floor((bytes * 100) / total))}%`);
  if (rate !== undefined) parts.push(`${formatBytes(rate)}/s`);
  if (total !== undefined && rate !== undefined && rate > 0 && total > bytes) {
    parts.push(`ETA ${formatDuration(((total - bytes) * 1000) / rate)}`);
  }
  return parts.join('  ');
}
