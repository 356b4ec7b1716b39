/** The page before a run, as a list: Enter runs, each line can be changed. What is on it, its caller says. */
import * as l10n from '@vscode/l10n';
import { QuickPickItemKind, type QuickInputButton, type QuickPickItem } from 'vscode';
import { back, pick, type Answer, type Place } from '../ui/steps.ts';

/** One line of the page. */
export interface PageLine<A> {
  readonly label: string;
  readonly description: string;
  /** What choosing it does. */
  readonly action: A;
  readonly buttons?: readonly { readonly button: QuickInputButton; readonly action: A }[];
}

/** Lines below a heading; those without one belong to the lines above. */
export interface PageSection<A> {
  readonly heading: string | undefined;
  readonly lines: readonly PageLine<A>[];
}

interface PageItem<A> extends QuickPickItem {
  readonly line?: PageLine<A>;
}

/**
 * Shows the page until something on it is chosen.
 * @param needed what must be answered before it can run
 */
export async function choosePage<A>(
  place: Place,
  sections: readonly PageSection<A>[],
  needed: readonly string[],
): Promise<Answer<A | 'run'>> {
  const run: PageItem<A> = {
    label: `$(play) ${l10n.t('Execute')}`,
    description: needed.length === 0 ? '' : l10n.t('first needs: {0}', needed.join(', ')),
  };
  const items = sections.flatMap(({ heading, lines }): PageItem<A>[] => {
    const rule = lines.length === 0 || heading === undefined ? [] : [heading];
    return [
      ...rule.map((label): PageItem<A> => ({ label, kind: QuickPickItemKind.Separator })),
      ...lines.map((line): PageItem<A> => {
        const buttons = (line.buttons ?? []).map(({ button }) => button);
        return { label: line.label, description: line.description, buttons, line };
      }),
    ];
  });
  let pressed: { readonly action: A } | undefined;
  const answer = await pick<PageItem<A>>(place, {
    placeholder:
      needed.length === 0
        ? l10n.t('Press Enter to run, or pick a row to change it')
        : l10n.t('Press Enter to fill in what is missing, or pick a row to change it'),
    items: [run, ...items],
    active: run,
    onButton: ({ line }, button) => {
      pressed = line?.buttons?.find((each) => each.button === button);
      return pressed !== undefined;
    },
  });
  if (answer === undefined || answer === back) return answer;
  if (pressed) return pressed.action;
  return answer.line === undefined ? 'run' : answer.line.action;
}
