/** The params of a run: a list of all with value and origin, each of which can be changed, made a secret or put back. */
import { env } from 'node:process';
import * as l10n from '@vscode/l10n';
import { QuickPickItemKind, ThemeIcon, type QuickInputButton, type QuickPickItem } from 'vscode';
import type { TaskDocument } from '#runner';
import type { Runner } from '../cluster/runner-host.ts';
import { omit } from '../ui/omit.ts';
import { back, pick, text, type Answer, type Place, type Step } from '../ui/steps.ts';
import type { Choices } from './choices.ts';
import { shownParams, type ShownOrigin, type ShownParam } from './params.ts';
import { looksSecret, type Secrets } from './secrets.ts';

function originText(origin: ShownOrigin): string {
  const texts: Readonly<Record<ShownOrigin, string>> = {
    file: l10n.t('from the file'),
    environment: l10n.t('from the environment of VS Code'),
    remembered: l10n.t('your value'),
    secret: l10n.t('your secret'),
    missing: l10n.t('has no value'),
  };
  return texts[origin];
}

const longestShown = 80;

/** The buttons beside a param. */
interface ParamButtons {
  readonly makeSecret: QuickInputButton;
  readonly reset: QuickInputButton;
}

interface ParamItem extends QuickPickItem {
  readonly param?: ShownParam;
  readonly action?: 'go' | 'add';
}

interface ParamsQuestion {
  readonly document: TaskDocument;
  readonly runner: Runner;
  readonly taskUri: string;
  readonly secrets: Secrets;
  readonly isFirst: boolean;
}

export function askParams(question: ParamsQuestion): Step<Choices> {
  const { document, runner, taskUri, secrets } = question;
  return async (start, place) => {
    let choices = start;
    /** Asked already, and left empty on purpose. */
    const asked = new Set<string>();
    for (;;) {
      const known = await secrets.of(taskUri, choices);
      const params = shownParams(document, runner, { choices, secrets: known.params, environment: env });
      const next = params.find(({ name, origin }) => origin === 'missing' && !asked.has(name));
      const chosen = next ? { param: next } : await choose(params, place);
      if (chosen === undefined || chosen === back) return chosen;
      if (chosen.action === 'go') return choices;
      if (chosen.reset && chosen.param) {
        choices = await without(choices, chosen.param.name, question);
        continue;
      }
      const name = chosen.param?.name ?? (await askName(place));
      if (name === undefined || name === back) {
        if (name === undefined) return undefined;
        continue;
      }
      asked.add(name);
      const changed = await askValue(choices, name, chosen.param, chosen.asSecret ?? false, place, question);
      if (changed === undefined) return undefined;
      if (changed === back) {
        if (next) return back;
        continue;
      }
      choices = changed;
    }
  };
}

interface Chosen {
  readonly param?: ShownParam;
  readonly action?: 'go' | 'add';
  readonly asSecret?: boolean;
  readonly reset?: boolean;
}

async function choose(params: readonly ShownParam[], place: Place): Promise<Answer<Chosen>> {
  const buttons: ParamButtons = {
    makeSecret: { iconPath: new ThemeIcon('lock'), tooltip: l10n.t('Keep as a secret') },
    reset: { iconPath: new ThemeIcon('discard'), tooltip: l10n.t('Use the value of the file') },
  };
  const items: ParamItem[] = [
    { label: `$(play) ${l10n.t('Go On With These')}`, action: 'go' },
    { label: l10n.t('Params'), kind: QuickPickItemKind.Separator },
    ...params.map((param) => item(param, buttons)),
    { label: `$(add) ${l10n.t('Add a Param…')}`, action: 'add' },
  ];
  let pressed: Chosen | undefined;
  const answer = await pick<ParamItem>(place, {
    placeholder: l10n.t('Params of this run: go on, or pick one to change it'),
    items,
    active: items[0],
    onButton: ({ param }, button) => {
      if (!param) return false;
      pressed = { param, ...(button === buttons.reset ? { reset: true } : { asSecret: true }) };
      return true;
    },
  });
  return answer === undefined || answer === back ? answer : (pressed ?? answer);
}

function item(param: ShownParam, { makeSecret, reset }: ParamButtons): ParamItem {
  const { name, value, origin } = param;
  const oneLine = value?.replaceAll(/\s+/gu, ' ') ?? '';
  const shown = oneLine.length > longestShown ? `${oneLine.slice(0, longestShown)}…` : oneLine;
  // A value that looks like a secret is not shown, wherever it comes from.
  const text = origin === 'secret' || (looksSecret(name) && shown !== '') ? '••••••' : shown;
  return {
    label: origin === 'missing' ? `$(warning) ${name}` : origin === 'secret' ? `$(lock) ${name}` : name,
    description: [text, originText(origin)].filter((part) => part !== '').join(' · '),
    param,
    buttons: origin === 'remembered' || origin === 'secret' ? [makeSecret, reset] : [makeSecret],
  };
}

function askName(place: Place): Promise<Answer<string>> {
  return text(place, {
    prompt: l10n.t('Name of the param'),
    check: (value) =>
      /^[-._a-zA-Z][-._a-zA-Z0-9]*$/u.test(value) ? undefined : l10n.t("A name has letters, digits, '_', '-' and '.'."),
  });
}

async function askValue(
  choices: Choices,
  name: string,
  param: ShownParam | undefined,
  asSecret: boolean,
  place: Place,
  { taskUri, secrets }: ParamsQuestion,
): Promise<Answer<Choices>> {
  const secret = asSecret || choices.secretParams.includes(name) || looksSecret(name);
  const keeps = secret && param?.origin === 'secret';
  const answer = await text(place, {
    prompt: secret
      ? l10n.t('Value of {0}, kept in the secret storage and shown nowhere', name)
      : l10n.t('Value of {0}', name),
    value: secret ? '' : (param?.value ?? ''),
    password: secret,
    ...(keeps ? { placeholder: l10n.t('leave empty to keep the value of the last run') } : {}),
  });
  if (answer === undefined || answer === back) return answer;
  const params = omit(choices.params, name);
  const secretParams = choices.secretParams.filter((each) => each !== name);
  if (!secret) return { ...choices, params: { ...params, [name]: answer }, secretParams };
  if (!(keeps && answer === '')) await secrets.set(taskUri, 'param', name, answer);
  return { ...choices, params, secretParams: [...secretParams, name] };
}

async function without(choices: Choices, name: string, { taskUri, secrets }: ParamsQuestion): Promise<Choices> {
  const params = omit(choices.params, name);
  if (choices.secretParams.includes(name)) await secrets.forget(taskUri, 'param', name);
  return { ...choices, params, secretParams: choices.secretParams.filter((each) => each !== name) };
}
