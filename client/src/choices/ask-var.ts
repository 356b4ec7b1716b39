/** The value of a `((var))` that no configured file gives. */
import * as l10n from '@vscode/l10n';
import { back, text, type Step } from '../ui/steps.ts';
import { keepPlaceholder, secretPrompt } from './ask-param.ts';
import type { Choices } from './choices.ts';
import { looksSecret, type Secrets } from './secrets.ts';

interface VarQuestion {
  readonly name: string;
  readonly taskUri: string;
  readonly secrets: Secrets;
}

/** Asks for the value; of a var whose name looks secret it goes to the secret storage. */
export function askVar<S extends Pick<Choices, 'vars' | 'secretVars'>>({
  name,
  taskUri,
  secrets,
}: VarQuestion): Step<S> {
  return async (choices, place) => {
    const secret = looksSecret(name) || choices.secretVars.includes(name);
    const stored = secret ? await secrets.get(taskUri, 'var', name) : undefined;
    const answer = await text(place, {
      prompt: secret ? secretPrompt(`((${name}))`) : l10n.t('Value of {0}', `((${name}))`),
      value: choices.vars[name] ?? '',
      password: secret,
      placeholder: stored === undefined ? undefined : keepPlaceholder(),
    });
    if (answer === undefined || answer === back) return answer;
    if (!secret) return { ...choices, vars: { ...choices.vars, [name]: answer } };
    if (answer !== '' || stored === undefined) await secrets.set(taskUri, 'var', name, answer);
    return { ...choices, secretVars: [...new Set([...choices.secretVars, name])] };
  };
}
