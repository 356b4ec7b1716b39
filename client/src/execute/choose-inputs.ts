/** Where the inputs of a task come from, chosen without running it: what the lens above a task does. */
import * as l10n from '@vscode/l10n';
import { window, type Uri } from 'vscode';
import { askInput } from '../choices/ask-input.ts';
import { noChoices, type ChoiceMemory, type Choices } from '../choices/choices.ts';
import type { Secrets } from '../choices/secrets.ts';
import { requireTrust, type RunnerHost } from '../cluster/runner-host.ts';
import type { RunStore } from '../runs/run-store.ts';
import { askInRow } from '../ui/steps.ts';
import { taskOrStep } from './ask-step.ts';
import { guessInputs, openTask, TaskDecoder } from './task-file.ts';

interface ChooseInputsParts {
  readonly host: RunnerHost;
  readonly choices: ChoiceMemory;
  readonly secrets: Secrets;
  readonly store: RunStore;
}

/** Asks for each input of the task. The answers are those of its next run; whoever leaves has chosen nothing. */
export async function chooseInputs(
  uri: Uri | undefined,
  { host, choices: memory, secrets, store }: ChooseInputsParts,
): Promise<void> {
  requireTrust();
  const opened = await openTask(uri);
  if (!opened) return;
  const runner = await host.load();
  const task = await taskOrStep(opened, runner, true);
  if (!task) return;
  const known = memory.get(task.key);
  const start: Choices = known ?? noChoices;
  const document = new TaskDecoder(task, runner).decode(start, await secrets.of(task.key, start));
  const inputs = (document.config.inputs ?? []).filter(({ name }) => name !== '');
  const name = task.step ?? runner.taskName(task.path);
  if (inputs.length === 0) {
    void window.showInformationMessage(l10n.t('{0} has no inputs.', name));
    return;
  }
  const guesses = guessInputs(task, document, runner, known);
  const steps = inputs.map((input) => askInput({ input, task, guess: guesses.get(input.name), store }));
  const chosen = await askInRow(l10n.t('Inputs of {0}', name), start, () => steps);
  // A task that was never executed is still shown as a whole the first time.
  if (chosen) await memory.set(task.key, known && known.inputsOnly !== true ? chosen : { ...chosen, inputsOnly: true });
}
