/** Durations on the command line: as Go writes them (`1h30m`, `90s`), and days before that (`7d`, `1d12h`) for prune. */
import { parseDuration as parseGoDuration } from '#concourse';

const hoursPerDay = 24;

/** Milliseconds; undefined when the text is no duration, or one below zero. A number needs a unit, but for `0`. */
export function parseDuration(text: string): number | undefined {
  const [, days, rest = ''] = /^(?:(\d{1,5})d)?(.*)$/su.exec(text) ?? [];
  const inGo = days === undefined ? rest : `${Number(days) * hoursPerDay}h${rest}`;
  const parsed = parseGoDuration(inGo);
  if (!parsed.ok || parsed.nanoseconds < 0n) return undefined;
  return Number(parsed.nanoseconds) / 1e6;
}
