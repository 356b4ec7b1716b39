/** Ages and counts as the views show them, in the user's language. Sizes and durations: `#runner/format`. */
import * as l10n from '@vscode/l10n';
import { shownLanguage } from '../localization.ts';

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

/** `5m`, `2h`, `3d`: an age for a line that has little room. */
export function shortAgoText(at: number, now: number): string {
  const passed = now - at;
  const step = steps.find(([, ms]) => passed >= ms);
  if (!step) return l10n.t('now');
  const [unit, ms] = step;
  return new Intl.NumberFormat(shownLanguage(), { style: 'unit', unit, unitDisplay: 'narrow' }).format(
    Math.floor(passed / ms),
  );
}

/** `1,234`. */
export function numberText(value: number): string {
  return value.toLocaleString(shownLanguage());
}

/** `1 file`, `2 files`. */
export function filesText(files: number): string {
  return files === 1 ? l10n.t('1 file') : l10n.t('{0} files', numberText(files));
}

/** Whether a file of this name opens as a page. */
export function isPageName(name: string): boolean {
  return /\.html?$/iu.test(name);
}
