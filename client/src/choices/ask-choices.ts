/** The questions of the first run of a task, and of "Execute with…": inputs, variables, params, image, outputs. */
import * as l10n from '@vscode/l10n';
import type { TaskDocument } from '#runner';
import type { RunStore } from '../runs/run-store.ts';
import { askInRow, type Step } from '../ui/steps.ts';
import { askImage } from './ask-image.ts';
import { askInput } from './ask-input.ts';
import { askOutputs } from './ask-outputs.ts';
import { askParams } from './ask-params.ts';
import { askVar } from './ask-var.ts';
import { noChoices, type Choices } from './choices.ts';
import type { AskChoices } from '../execute/execute.ts';
import { wouldLose } from './output-targets.ts';
import { missingParams } from './params.ts';
import type { Secrets } from './secrets.ts';
import { guessInputs } from '../execute/task-file.ts';

/** Asks for what is missing, or for everything. */
export function choiceQuestions(secrets: Secrets, store: RunStore): AskChoices {
  return async ({ decoder, document, choices, ask, keepsOutputs }) => {
    const { task, runner } = decoder;
    const taskUri = task.key;
    const start = withDefaults(choices ?? noChoices, document);
    const known = await secrets.of(taskUri, start);
    const everything = ask === 'all' || choices === undefined;
    const guesses = guessInputs(task, document, runner, choices);
    const { config } = document;

    const steps: Step<Choices>[] = [];
    // Variables come first: they may be anywhere in the rest.
    const { undefinedVars } = decoder.decode({ ...start, vars: {}, secretVars: [] }, { params: {}, vars: {} });
    for (const name of undefinedVars) {
      const given = Object.hasOwn(start.vars, name) || Object.hasOwn(known.vars, name);
      if (everything || !given) steps.push(askVar({ name, taskUri, secrets }));
    }
    for (const input of config.inputs ?? []) {
      if (input.name === '' || (!everything && isAnswered(start.inputs[input.name]))) continue;
      steps.push(askInput({ input, task, guess: guesses.get(input.name), store }));
    }
    const missing = missingParams(document, runner, start, known.params);
    const hasParams = Object.keys(config.params ?? {}).length > 0;
    if ((everything && hasParams) || missing.length > 0) {
      steps.push(askParams({ document, runner, taskUri, secrets, isFirst: choices === undefined }));
    }
    const image = runner.resolveImage(config, start.image === undefined ? {} : { override: start.image });
    if ('unresolved' in image || ask === 'all') steps.push(askImage({ document, runner }));
    const outputs = [...new Set((config.outputs ?? []).map(({ name }) => name))].filter((name) => name !== '');
    if (outputs.length > 0) {
      const keeps = await keepsOutputs();
      if (everything || wouldLose(outputs, start, keeps)) steps.push(askOutputs({ names: outputs, task, keeps }));
    }

    return askInRow(l10n.t('Execute {0}', task.step ?? runner.taskName(task.path)), start, () => steps);
  };

  function isAnswered(value: string | null | undefined): boolean {
    return value !== undefined;
  }
}

/** Choices for what the file has now. */
function withDefaults(choices: Choices, { config }: TaskDocument): Choices {
  const inputs = new Set((config.inputs ?? []).map(({ name }) => name));
  const outputs = new Set((config.outputs ?? []).map(({ name }) => name));
  const only = <T>(record: Readonly<Record<string, T>>, names: ReadonlySet<string>): Record<string, T> =>
    Object.fromEntries(Object.entries(record).filter(([name]) => names.has(name)));
  return { ...choices, inputs: only(choices.inputs, inputs), outputs: only(choices.outputs, outputs) };
}
