/** Which steps of a job run: all, from one on, until one, or one by itself. */
import * as l10n from '@vscode/l10n';
import type { QuickPickItem } from 'vscode';
import type { JobStep } from '#runner';
import { back, pick, type Step } from '../ui/steps.ts';
import type { JobAnswers } from './job-choices.ts';

type How = 'all' | 'from' | 'until' | 'only';

interface HowItem extends QuickPickItem {
  readonly how: How;
}

interface StepItem extends QuickPickItem {
  readonly step: JobStep;
}

/** The question behind the row of the steps. */
export function askSteps(all: readonly JobStep[]): Step<JobAnswers> {
  return async (answers, place) => {
    const items: readonly HowItem[] = [
      { label: l10n.t('All Steps'), how: 'all' },
      { label: l10n.t('From a Step On…'), how: 'from' },
      { label: l10n.t('Until a Step…'), how: 'until' },
      { label: l10n.t('Only One Step…'), how: 'only' },
    ];
    const chosen = await pick<HowItem>(place, { placeholder: l10n.t('Which steps of the job run?'), items });
    if (chosen === undefined || chosen === back) return chosen;
    const { how } = chosen;
    if (how === 'all') return { ...answers, steps: {} };
    const steps = all
      .filter(({ inHook }) => how === 'only' || !inHook)
      .map((step): StepItem => ({ label: step.label, description: step.kind, step }));
    const answer = await pick<StepItem>(place, { placeholder: l10n.t('Which step?'), items: steps });
    if (answer === undefined || answer === back) return answer;
    const { address } = answer.step;
    const { from, until } = answers.steps;
    if (how === 'only') return { ...answers, steps: { only: address } };
    return { ...answers, steps: how === 'from' ? { from: address, until } : { from, until: address } };
  };
}
