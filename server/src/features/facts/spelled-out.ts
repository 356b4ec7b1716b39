/** Numbers with their units, for people. */

/** Digits in groups of three. */
export function grouped(value: bigint | number): string {
  return value.toString().replaceAll(/\B(?=(\d{3})+$)/g, ',');
}

const BYTE_UNITS: readonly (readonly [string, bigint])[] = [
  ['GiB', 1n << 30n],
  ['MiB', 1n << 20n],
  ['KiB', 1n << 10n],
];

/** `1073741824` as `1,073,741,824 bytes (1 GiB)`. */
export function bytesText(bytes: bigint): string {
  const exact = `${grouped(bytes)} ${bytes === 1n ? 'byte' : 'bytes'}`;
  const unit = BYTE_UNITS.find(([, size]) => bytes >= size);
  if (!unit) return exact;
  const [name, size] = unit;
  const hundredths = (bytes * 100n) / size;
  const rounded = Number(hundredths) / 100;
  return `${exact} (${hundredths * size === bytes * 100n ? '' : 'about '}${rounded} ${name})`;
}

const TIME_UNITS: readonly (readonly [string, bigint])[] = [
  ['day', 86_400_000_000_000n],
  ['hour', 3_600_000_000_000n],
  ['minute', 60_000_000_000n],
  ['second', 1_000_000_000n],
  ['millisecond', 1_000_000n],
  ['microsecond', 1_000n],
  ['nanosecond', 1n],
];

/** Nanoseconds as `1 day 2 hours`. */
export function durationText(nanoseconds: bigint): string {
  const parts: string[] = [];
  let rest = nanoseconds < 0n ? -nanoseconds : nanoseconds;
  for (const [name, size] of TIME_UNITS) {
    const count = rest / size;
    rest %= size;
    if (count > 0n) parts.push(`${grouped(count)} ${name}${count === 1n ? '' : 's'}`);
  }
  if (parts.length === 0) return 'no time';
  return `${nanoseconds < 0n ? 'minus ' : ''}${parts.join(' ')}`;
}

/** Thousandths of a CPU as `1.5 CPUs`. */
export function cpuText(millis: bigint): string {
  const cpus = Number(millis) / 1000;
  return `${cpus} ${cpus === 1 ? 'CPU' : 'CPUs'}`;
}

/** A text as Markdown code in one line. */
export function code(text: string): string {
  const line = text.replaceAll(/\s*[\r\n]+\s*/g, ' ⏎ ');
  const shown = line.length > 300 ? `${line.slice(0, 300)}…` : line;
  if (shown === '') return '`""`';
  // A fence longer than any run of backticks inside.
  const longest = Math.max(0, ...Array.from(shown.matchAll(/`+/g), ({ 0: run }) => run.length));
  const fence = '`'.repeat(longest + 1);
  const padded = longest > 0 || shown.startsWith(' ') ? ` ${shown} ` : shown;
  return `${fence}${padded}${fence}`;
}
