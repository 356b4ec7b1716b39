/** What the language server makes of the active file, in VS Code's language status. */
import * as l10n from '@vscode/l10n';
import { commands, Disposable, languages, LanguageStatusSeverity, Uri, window, workspace } from 'vscode';
import { State, type LanguageClient } from 'vscode-languageclient/node';
import type { FileKinds } from './file-kinds.ts';
import type { ChosenKind } from './kind-globs.ts';
import { documentSelector } from './language-client.ts';

/** The server's notification `tarmac/status`: how a document is taken. */
interface FileStatus {
  readonly uri: string;
  readonly kind: 'task' | 'pipeline' | 'other';
  /** What the user says that it is. */
  readonly chosen?: ChosenKind;
  readonly tasks: number;
  readonly target: 'current' | '8.0' | '5.5';
  readonly checked: boolean;
}

function generation(target: FileStatus['target']): string {
  if (target === 'current') return l10n.t('Concourse 8.1 and later');
  return target === '8.0' ? l10n.t('Concourse 8.0') : l10n.t('Concourse 5.5 to 7.x');
}

/** Shows the status of the active file, until it is disposed of; documents get the language that the user has chosen. */
export function languageStatus(client: LanguageClient, kinds: FileKinds): Disposable {
  const item = languages.createLanguageStatusItem('tarmac.file', documentSelector);
  item.name = 'Tarmac';
  item.command = {
    title: l10n.t('Treat As…'),
    command: 'tarmac.treatAs',
    tooltip: l10n.t('Choose whether this file is a task, a pipeline or neither'),
  };
  const version = languages.createLanguageStatusItem('tarmac.version', documentSelector);
  version.name = l10n.t('Tarmac: Concourse version');
  version.command = {
    title: l10n.t('Version'),
    command: 'workbench.action.openSettings',
    arguments: ['tarmac.concourse.version'],
    tooltip: l10n.t('Choose the Concourse that files are checked against'),
  };
  const known = new Map<string, FileStatus>();
  const show = (): void => {
    const uri = window.activeTextEditor?.document.uri;
    const status = uri && known.get(client.code2ProtocolConverter.asUri(uri));
    // Keys and menus of the manifest ask for it: a task may be in any YAML file.
    void commands.executeCommand('setContext', 'tarmac.isTask', status !== undefined && status.tasks > 0);
    void commands.executeCommand('setContext', 'tarmac.isPipeline', status?.kind === 'pipeline');
    item.busy = client.state === State.Starting;
    item.severity = client.state === State.Stopped ? LanguageStatusSeverity.Error : LanguageStatusSeverity.Information;
    item.text = client.state === State.Stopped ? l10n.t('Tarmac: the language server has stopped') : textOf(status);
    item.detail = status?.chosen === undefined ? '' : l10n.t('as chosen for this file');
    version.text = status ? generation(status.target) : '';
  };
  show();
  return Disposable.from(
    item,
    version,
    client.onNotification('tarmac/status', (status: FileStatus) => {
      known.set(status.uri, status);
      show();
      void kinds.apply(Uri.parse(status.uri), status.chosen);
    }),
    client.onDidChangeState(show),
    window.onDidChangeActiveTextEditor(show),
    workspace.onDidCloseTextDocument(({ uri }) => known.delete(client.code2ProtocolConverter.asUri(uri))),
  );
}

function textOf(status: FileStatus | undefined): string {
  if (status === undefined || status.kind === 'other') return l10n.t('Not a Concourse task or pipeline');
  if (!status.checked) return l10n.t('Concourse task: not checked');
  if (status.kind === 'task') return l10n.t('Concourse task');
  return status.tasks === 1 ? l10n.t('Pipeline with 1 task') : l10n.t('Pipeline with {0} tasks', status.tasks);
}
