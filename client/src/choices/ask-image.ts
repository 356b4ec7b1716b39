/** Which image the task runs in, when the file names none or the user wants another. */
import * as l10n from '@vscode/l10n';
import type { TaskDocument } from '#runner';
import type { Runner } from '../cluster/runner-host.ts';
import { omit } from '../ui/omit.ts';
import { back, text, type Step } from '../ui/steps.ts';
import type { Choices } from './choices.ts';

/** The answer of an empty text is the image of the file, where it names one. */
export function askImage({ document, runner }: { document: TaskDocument; runner: Runner }): Step<Choices> {
  return async (choices, place) => {
    const own = runner.resolveImage(document.config, {});
    const ofFile = 'reference' in own ? own.reference : undefined;
    const answer = await text(place, {
      prompt:
        ofFile === undefined
          ? l10n.t('The task names no image that a pod can use: which one does it run in?')
          : l10n.t('Image for the runs of this task; empty for that of the file ({0})', ofFile),
      placeholder: ofFile ?? l10n.t('e.g. {0}', 'docker.io/library/alpine:3.22'),
      value: choices.image ?? '',
      check(value) {
        if (value.trim() === '') return ofFile === undefined ? l10n.t('A task needs an image.') : undefined;
        const found = runner.resolveImage(document.config, { override: value.trim() });
        return 'unresolved' in found ? found.unresolved : undefined;
      },
    });
    if (answer === undefined || answer === back) return answer;
    const rest = omit(choices, 'image');
    return answer.trim() === '' ? rest : { ...rest, image: answer.trim() };
  };
}
