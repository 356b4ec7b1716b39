/** The value of one param of a run: given, made a secret, or put back to what the file says. */
import * as l10n from '@vscode/l10n';
import { omit } from '../ui/omit.ts';
import { back, text, type Step } from '../ui/steps.ts';
import type { Choices } from './choices.ts';
import type { ShownParam } from './params.ts';
import { looksSecret, type Secrets } from './secrets.ts';

interface ParamQuestion {
  /** Undefined: a param that the file does not have; its name is asked for, too. */
  readonly param?: ShownParam | undefined;
  /** The user wants the value kept as a secret. */
  readonly asSecret?: boolean | undefined;
  readonly taskUri: string;
  readonly secrets: Secrets;
}

/** Asks for the value. That of a secret goes into the secret storage, and the choices have only its name. */
export function askParam({ param, asSecret, taskUri, secrets }: ParamQuestion): Step<Choices> {
  return async (choices, place) => {
    const name = param?.name ?? (await text(place, { prompt: l10n.t('Name of the param'), check: checkName }));
    if (name === undefined || name === back) return name;
    const secret = asSecret === true || choices.secretParams.includes(name) || looksSecret(name);
    const keeps = secret && param?.origin === 'secret';
    const answer = await text(place, {
      prompt: secret ? secretPrompt(name) : l10n.t('Value of {0}', name),
      value: secret ? '' : (param?.value ?? ''),
      password: secret,
      placeholder: keeps ? keepPlaceholder() : undefined,
    });
    if (answer === undefined || answer === back) return answer;
    const params = omit(choices.params, name);
    const secretParams = choices.secretParams.filter((each) => each !== name);
    if (!secret) return { ...choices, params: { ...params, [name]: answer }, secretParams };
    if (!(keeps && answer === '')) await secrets.set(taskUri, 'param', name, answer);
    return { ...choices, params, secretParams: [...secretParams, name] };
  };
}

/** The param as the file has it: what the user gave is forgotten. */
export async function resetParam(choices: Choices, name: string, taskUri: string, secrets: Secrets): Promise<Choices> {
  if (choices.secretParams.includes(name)) await secrets.forget(taskUri, 'param', name);
  const secretParams = choices.secretParams.filter((each) => each !== name);
  return { ...choices, params: omit(choices.params, name), secretParams };
}

/** What a box for a secret says. */
export function secretPrompt(name: string): string {
  return l10n.t('Value for {0} (stored securely, never shown)', name);
}

/** What the box for a secret that is stored already says. */
export function keepPlaceholder(): string {
  return l10n.t('leave empty to keep the value of the last run');
}

function checkName(value: string): string | undefined {
  return /^[-._a-zA-Z][-._a-zA-Z0-9]*$/u.test(value)
    ? undefined
    : l10n.t("A name has letters, digits, '_', '-' and '.'.");
}
