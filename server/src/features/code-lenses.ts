/**
 * Code lens: run the task, open its script, which local folder a run would send for each input, and which steps of pipelines
 * use the task.
 */
import type { CodeLens, Command } from 'vscode-languageserver';
import type { InputConfig, InputFolder, InputFolderReason, StepUse } from '#concourse';
import { lspRange, type FeatureRequest } from './facts/feature.ts';
import { commandFile } from './facts/local-file.ts';
import { fileUri } from './facts/places.ts';
import { isBlank } from './facts/text-ranges.ts';

/** What the user has switched on. */
export interface CodeLensOptions {
  /** Default true. */
  readonly enabled?: boolean;
}

const REASONS: Readonly<Record<InputFolderReason, string>> = {
  setting: 'from the settings',
  remembered: 'as last time',
  'folder-name': 'folder of the same name',
  'repository-root': 'root of the repository',
  'task-repository': "the task file's repository",
};

/** More steps of pipelines than this are counted, not listed. */
const MOST_USES = 3;

/** More inputs than this are counted, not listed. */
const MOST_INPUTS = 4;

/**
 * The lenses above the first key of a task, also of one in a pipeline. A task with mistakes has them too: running it names
 * the mistakes. A text without a file (untitled, in another revision) has none: it cannot be run as it is.
 */
export function codeLenses(request: FeatureRequest, options: CodeLensOptions = {}): CodeLens[] {
  const { task } = request;
  if (options.enabled === false || !request.uri.startsWith('file:')) return [];
  if (task.name === undefined && isBlank(task.text)) return [insertLens(task)];
  if (task.root.kind !== 'map' || task.root.entries.length === 0) return [];
  // The client finds a step of a pipeline by the fragment of its URI.
  const uri = task.name === undefined ? request.uri : `${request.uri}#${encodeURIComponent(task.name)}`;
  const start = task.root.range.start;
  const range = lspRange(task, { start, end: start });
  const commands: Command[] = [
    {
      title: task.name === undefined ? '$(play) Execute' : `$(play) Execute ${task.name}`,
      tooltip: 'Run this task on Kubernetes',
      command: 'tarmac.execute',
      arguments: [uri],
    },
    {
      title: 'Execute With…',
      tooltip: 'Choose inputs, params and cluster, then run this task on Kubernetes',
      command: 'tarmac.executeWith',
      arguments: [uri],
    },
    {
      title: 'Execute on Save',
      tooltip: 'Run this task again whenever a file changes that it sends, until you click here again',
      command: 'tarmac.executeOnSave',
      arguments: [uri],
    },
    ...scriptCommand(request),
    ...inputsCommand(request, uri),
    ...usesCommands(request),
  ];
  return commands.map((command) => ({ range, command }));
}

/** Above a file in which nothing is written yet: the list that begins with whole tasks. */
function insertLens(task: FeatureRequest['task']): CodeLens {
  const command: Command = {
    title: '$(add) Insert a Task…',
    tooltip: 'Choose one to begin with',
    command: 'editor.action.triggerSuggest',
  };
  return { range: lspRange(task, { start: 0, end: 0 }), command };
}

function scriptCommand(request: FeatureRequest): Command[] {
  const script = commandFile(request);
  if (!script) return [];
  return [
    {
      title: `$(go-to-file) ${script.local.slice(script.local.lastIndexOf('/') + 1)}`,
      tooltip: `Open the script that this task runs: ${script.local}`,
      command: 'tarmac.openScript',
      arguments: [fileUri(script.local)],
    },
  ];
}

/** Which steps of pipelines use the task file: each leads there. */
function usesCommands({ environment: { uses = [] } }: FeatureRequest): Command[] {
  const shown = uses.slice(0, uses.length > MOST_USES ? MOST_USES - 1 : MOST_USES);
  const rest = uses.slice(shown.length);
  const title = ({ pipeline, job, step }: StepUse): string =>
    `${pipeline.slice(Math.max(pipeline.lastIndexOf('/'), pipeline.lastIndexOf('\\')) + 1)}: ${job}/${step}`;
  return [
    ...shown.map((use): Command => ({
      title: `$(references) used by ${title(use)}`,
      tooltip: `Go to the step in ${use.pipeline}`,
      command: 'tarmac.openScript',
      arguments: [fileUri(use.pipeline), use.line],
    })),
    ...rest.slice(0, 1).map((use): Command => ({
      title: `and ${rest.length} more`,
      tooltip: rest.map(title).join('\n'),
      command: 'tarmac.openScript',
      arguments: [fileUri(use.pipeline), use.line],
    })),
  ];
}

function inputsCommand({ task, environment }: FeatureRequest, uri: string): Command[] {
  const inputs = task.config.inputs?.filter(({ name }) => name !== '') ?? [];
  // Without files nothing is known about folders.
  if (inputs.length === 0 || !environment.files) return [];
  const texts = inputs.slice(0, MOST_INPUTS).map((input) => inputText(input, environment.inputFolders.get(input.name)));
  if (inputs.length > MOST_INPUTS) texts.push(`${inputs.length - MOST_INPUTS} more`);
  return [
    {
      title: `inputs: ${texts.join(', ')}`,
      tooltip: inputs
        .map(({ name }) => {
          const folder = environment.inputFolders.get(name);
          return `${name} ← ${folder ? `${folder.directory} (${REASONS[folder.reason]})` : 'not known yet'}`;
        })
        .concat('Choose where they come from; nothing runs')
        .join('\n'),
      command: 'tarmac.chooseInputs',
      arguments: [uri],
    },
  ];
}

/** `repo ← my-repo`; only the name where the folder has the same: the tooltip tells the rest. */
function inputText({ name, optional }: InputConfig, folder: InputFolder | undefined): string {
  if (!folder) return `${name} ← ${optional === true ? 'nothing (optional)' : '?'}`;
  const directory = folder.directory.replace(/[/\\]+$/, '');
  const last = directory.slice(Math.max(directory.lastIndexOf('/'), directory.lastIndexOf('\\')) + 1);
  return last === name ? name : `${name} ← ${last === '' ? folder.directory : last}`;
}
