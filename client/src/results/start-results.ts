/** The parts about what runs leave that need the views: pages, the last result above a task, the commands of both. */
import { env } from 'node:process';
import * as l10n from '@vscode/l10n';
import { Uri, window, type ExtensionContext } from 'vscode';
import { register, type CommandHandlers } from '../commands/register.ts';
import { taskLanguage } from '../language/task-language.ts';
import { foldLogs } from '../output/log-folding.ts';
import type { RunningParts } from '../parts.ts';
import { runId, type RunArgument } from '../runs/arguments.ts';
import { isOver, type RunModel } from '../runs/run-model.ts';
import { stateText } from '../runs/run-words.ts';
import { resultSettings } from '../settings.ts';
import type { RunNode } from '../views/run-node.ts';
import type { Views } from '../views/views.ts';
import { differencesText, lastGreen } from './differences.ts';
import { LastResultLenses } from './last-results.ts';
import { ReportPanels, type ReportPage } from './report-panels.ts';
import { placeOfOutput } from './result-source.ts';

interface Part {
  dispose(): unknown;
}

/** Starts them; whoever calls disposes of what it gets. */
export function startResults(context: ExtensionContext, parts: RunningParts, views: Views): readonly Part[] {
  const { store, memory, results } = parts;
  results.readFrom(views);
  const panels = new ReportPanels();
  const isShown = ({ uri }: { readonly uri: Uri }): boolean => resultSettings(uri).lens;
  const lenses = new LastResultLenses({
    ...{ store, memory, memento: context.workspaceState, isShown },
    languages: [taskLanguage, 'yaml', 'concourse-pipeline-yaml'],
  });
  const handlers = resultCommands(parts, views, panels);
  return [panels, lenses, foldLogs(context.globalStorageUri.fsPath), ...register(handlers, parts)];
}

function resultCommands(parts: RunningParts, views: Views, panels: ReportPanels): CommandHandlers {
  const { store, results, host, pages } = parts;

  async function runOf(argument: RunArgument, question: string): Promise<RunModel | undefined> {
    const id = runId(argument);
    if (id !== undefined) return store.get(id);
    const over = store.runs.filter(({ state, elsewhere }) => isOver(state) && state !== 'spare' && !elsewhere);
    if (over.length === 0) void window.showInformationMessage(l10n.t('No task has run yet: execute one first.'));
    if (over.length < 2) return over[0];
    const items = over.map((run) => ({ label: run.task, description: `${run.run} · ${stateText(run.state)}`, run }));
    return (await window.showQuickPick(items, { placeHolder: question }))?.run;
  }

  /** Where an output is, as a folder that pages are read from. */
  function rootOf(run: RunModel, name: string): Uri | undefined {
    const output = run.outputs.find((each) => each.name === name);
    const place = output && placeOfOutput(run, output);
    if (place === 'local') return Uri.file(output?.target ?? '');
    return place && views.access.uri(views.placeOf(run), { kind: 'output', run: run.run, name });
  }

  async function pickPage(run: RunModel): Promise<ReportPage | undefined> {
    const found = (await results.known(run.run)) ?? (await results.read(run));
    const all = (found?.pages ?? []).flatMap(({ output, path }) => {
      const root = rootOf(run, output);
      return root ? [{ root, path, title: `${output}: ${path}`, label: path, description: output }] : [];
    });
    if (all.length === 0) {
      void window.showInformationMessage(l10n.t('The outputs of {0} that can be read have no HTML page.', run.run));
    }
    if (all.length < 2) return all[0];
    return window.showQuickPick(all, { placeHolder: l10n.t('Which page?') });
  }

  return {
    'tarmac.openReport': async (argument?: RunNode | Uri | RunArgument) => {
      const page = pageOf(argument, views);
      if (page) return panels.open(page);
      const run = await runOf(argument as RunArgument, l10n.t('Show a page of which run?'));
      const picked = run && (await pickPage(run));
      return picked && panels.open(picked);
    },
    'tarmac.allowReportScripts': () => panels.allowScripts(),
    'tarmac.showResults': async (argument: RunArgument) => {
      const run = await runOf(argument, l10n.t('Show the test results of which run?'));
      const found = run && (await results.read(run));
      if (run && (found?.tests.length ?? 0) + (found?.coverage.length ?? 0) === 0) {
        void window.showInformationMessage(
          l10n.t(
            'Run {0} has no test results and no coverage that can be read: neither in its outputs nor in its log.',
            run.run,
          ),
        );
      }
    },
    'tarmac.compareWithGreen': async (argument: RunArgument) => {
      const run = await runOf(argument, l10n.t('Compare which run with the last green one?'));
      if (!run) return;
      const runner = await host.load();
      const records = await runner.readRecords(runner.stateDir(env));
      const record = records.find((each) => each.run === run.run);
      const green = record && lastGreen(record, records);
      if (!record || !green) {
        void window.showInformationMessage(
          l10n.t('No run of {0} that succeeded before {1} is remembered on this machine.', run.task, run.run),
        );
        return;
      }
      await pages.show(
        `${run.run} ↔ ${green.run}.txt`,
        differencesText(green, record, runner.givenDifferences(green, record)),
      );
    },
  };
}

/** The page that a row of the tree, or a file of an artifact, is; undefined for a run. */
function pageOf(argument: RunNode | Uri | RunArgument, { access }: Views): ReportPage | undefined {
  if (argument === undefined || typeof argument === 'string') return undefined;
  const uri = argument instanceof Uri ? argument : 'uri' in argument ? argument.uri : undefined;
  const located = uri && access.locate(uri);
  if (!located) return undefined;
  const { place, artifact, path } = located;
  const name = artifact.kind === 'output' ? artifact.name : artifact.kind;
  return { root: access.uri(place, artifact), path, title: `${name}: ${path}` };
}
