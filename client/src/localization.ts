/**
 * The language of what the extension says. Texts are English in the code, at the place where they are shown:
 * `l10n.t('Run {0} is gone.', run)`, a whole sentence at a time, at the moment it is needed and never while a module loads.
 * `npm run generate` collects them in `l10n/bundle.l10n.json`; a `bundle.l10n.<language>.json` beside it translates them.
 */
import * as l10n from '@vscode/l10n';

/** What VS Code has found for its display language (`vscode.l10n`, `vscode.env`). */
export interface DisplayLanguage {
  /** A BCP 47 tag such as `de` or `pt-br`. */
  readonly tag: string;
  /** Translations by English text; undefined where the extension has none for this language. */
  readonly bundle: Readonly<Record<string, string>> | undefined;
}

let tag = 'en';

/** To be called before anything is shown. Without a bundle everything stays English, numbers and times with it. */
export function speak(language: DisplayLanguage): void {
  if (!language.bundle) return;
  l10n.config({ contents: language.bundle });
  tag = language.tag;
}

/** The BCP 47 tag of the language in which texts are shown, for `Intl`. */
export function shownLanguage(): string {
  return tag;
}
