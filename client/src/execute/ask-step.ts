/** Which task of a pipeline is to run. */
import { basename } from 'node:path';
import * as l10n from '@vscode/l10n';
import { Uri, window, workspace, type QuickPickItem } from 'vscode';
import type { Runner } from '../cluster/runner-host.ts';
import { pipelineSteps, stepAt, type PipelineStep } from './pipeline-steps.ts';
import { openTask, stepOf, type OpenTask } from './task-file.ts';

interface StepItem extends QuickPickItem {
  readonly step: PipelineStep;
}

/**
 * The task itself; of a pipeline the task that the user picks in it. Undefined when the user has left, or when the
 * pipeline has no task that could run by itself: that is told.
 * @param mayAsk false: a pipeline is refused with an error
 */
export async function taskOrStep(task: OpenTask, runner: Runner, mayAsk: boolean): Promise<OpenTask | undefined> {
  const text = task.text.getText();
  if (task.step !== undefined || runner.recognize(text) !== 'pipeline') return task;
  const file = basename(task.path);
  if (!mayAsk) throw new Error(l10n.t('{0} is a pipeline, not a task: name one of its steps.', file));
  const steps = pipelineSteps(text, task.path, runner);
  if (steps.length === 0) {
    void window.showInformationMessage(
      l10n.t(
        '{0} is a pipeline, and none of its tasks is in it or in a file here. Open a task file, then execute it.',
        file,
      ),
    );
    return undefined;
  }
  const editor = window.visibleTextEditors.find(({ document }) => document === task.text);
  const here = editor && stepAt(steps, task.text.offsetAt(editor.selection.active));
  // Whoever calls from within a task means that one.
  const step = here ?? (await pickStep(steps, file));
  if (!step) return undefined;
  return step.file === undefined ? stepOf(task, step.name) : openTask(Uri.file(step.file));
}

async function pickStep(steps: readonly PipelineStep[], file: string): Promise<PipelineStep | undefined> {
  const items = steps.map((step): StepItem => ({
    label: `$(play) ${step.name}`,
    description: step.file === undefined ? l10n.t('in the pipeline') : workspace.asRelativePath(step.file),
    step,
  }));
  const placeHolder = l10n.t('{0} is a pipeline. Which of its tasks do you want to execute?', file);
  return (await window.showQuickPick(items, { placeHolder, matchOnDescription: true }))?.step;
}
