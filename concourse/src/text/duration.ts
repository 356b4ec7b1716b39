/** Durations as Go's `time.ParseDuration` reads them. */

/** A duration in nanoseconds, or Go's message why the text is none. */
export type DurationResult =
  { readonly ok: true; readonly nanoseconds: bigint } | { readonly ok: false; readonly message: string };

const UNITS: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  '\u00b5s': 1_000n,
  '\u03bcs': 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};

const LIMIT = 2n ** 63n;

/**
 * Parses a Go duration such as `1h30m` or `1.5s`; a sign is allowed, and `0` needs no unit.
 *
 * @param text the text as decoded from the file
 * @returns the exact value, or the error text that Go gives
 */
export function parseDuration(text: string): DurationResult {
  const invalid = (reason = 'invalid duration'): DurationResult => ({
    ok: false,
    message: `time: ${reason} ${JSON.stringify(text)}`,
  });
  const negative = text.startsWith('-');
  let rest = text.replace(/^[-+]/, '');
  if (rest === '0') return { ok: true, nanoseconds: 0n };
  if (rest === '') return invalid();
  let total = 0n;
  while (rest !== '') {
    const number = /^(\d*)(?:\.(\d*))?/.exec(rest);
    const whole = number?.[1] ?? '';
    const fraction = number?.[2] ?? '';
    if (whole === '' && fraction === '') return invalid();
    rest = rest.slice(number?.[0].length ?? 0);
    const unitText = /^[^.\d]*/.exec(rest)?.[0] ?? '';
    if (unitText === '') return invalid('missing unit in duration');
    const unit = Object.hasOwn(UNITS, unitText) ? UNITS[unitText] : undefined;
    if (unit === undefined) return invalid(`unknown unit ${JSON.stringify(unitText)} in duration`);
    rest = rest.slice(unitText.length);
    if (whole.length > 40) return invalid();
    total += BigInt(whole === '' ? 0 : whole) * unit;
    // Eighteen decimals decide every nanosecond of an hour; Go cuts further ones off too.
    const decimals = fraction.slice(0, 18);
    if (decimals !== '') total += (BigInt(decimals) * unit) / 10n ** BigInt(decimals.length);
    if (total > LIMIT) return invalid();
  }
  if (negative) return { ok: true, nanoseconds: -total };
  return total === LIMIT ? invalid() : { ok: true, nanoseconds: total };
}

/** A duration as Go prints it: `1h30m0s`, `1.5s`, `20ms`. */
export function goDuration(nanoseconds: bigint): string {
  if (nanoseconds === 0n) return '0s';
  const sign = nanoseconds < 0n ? '-' : '';
  const total = nanoseconds < 0n ? -nanoseconds : nanoseconds;
  const decimal = (value: bigint, unit: bigint): string => {
    const digits = (value % unit)
      .toString()
      .padStart(unit.toString().length - 1, '0')
      .replace(/0+$/, '');
    return `${value / unit}${digits === '' ? '' : `.${digits}`}`;
  };
  if (total < 1_000n) return `${sign}${total}ns`;
  if (total < 1_000_000n) return `${sign}${decimal(total, 1_000n)}µs`;
  if (total < 1_000_000_000n) return `${sign}${decimal(total, 1_000_000n)}ms`;
  const minute = 60_000_000_000n;
  const seconds = `${decimal(total % minute, 1_000_000_000n)}s`;
  const minutes = total / minute;
  if (minutes === 0n) return `${sign}${seconds}`;
  const hours = minutes / 60n;
  return `${sign}${hours === 0n ? '' : `${hours}h`}${minutes % 60n}m${seconds}`;
}
