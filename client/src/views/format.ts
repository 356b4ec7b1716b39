/** Times and sizes as the views show them. Symbols of units are the same in every language. */
import * as l10n from '@vscode/l10n';
import { shownLanguage } from '../localization.ts';

const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

/** `512 B`, `1.5 MiB`: as the lines of a run's output have it. */
export function sizeText(bytes: number): string {
  let value = bytes;
  let unit = 0;
  for (; value >= 1024 && unit < units.length - 1; unit++) value /= 1024;
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit] ?? ''}`;
}

/** `0.4 s`, `12 s`, `3 min 20 s`, `2 h 5 min`. */
export function durationText(ms: number): string {
  const seconds = ms / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return whole % 60 === 0 ? `${minutes} min` : `${minutes} min ${whole % 60} s`;
  return minutes % 60 === 0 ? `${minutes / 60} h` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

const steps: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
];

/** `5 minutes ago`, `yesterday`, `just now`. */
export function agoText(at: number, now: number): string {
  const passed = now - at;
  const step = steps.find(([, ms]) => passed >= ms);
  if (!step) return l10n.t('just now');
  const [unit, ms] = step;
  return new Intl.RelativeTimeFormat(shownLanguage(), { numeric: 'auto' }).format(-Math.floor(passed / ms), unit);
}

/** `1,234`. */
export function numberText(value: number): string {
  return value.toLocaleString(shownLanguage());
}

/** `1 file`, `2 files`. */
export function filesText(files: number): string {
  return files === 1 ? l10n.t('1 file') : l10n.t('{0} files', numberText(files));
}
