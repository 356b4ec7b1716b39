/** What the language server makes of the active file, in VS Code's language status. */
import { Disposable, languages, LanguageStatusSeverity, window, workspace } from 'vscode';
import { State, type LanguageClient } from 'vscode-languageclient/node';
import { documentSelector } from './language-client.ts';

/** The server's notification `tarmac/status`: how a document is taken. */
interface FileStatus {
  readonly uri: string;
  readonly kind: 'task' | 'pipeline' | 'other';
  readonly tasks: number;
  readonly target: 'current' | '8.0' | '5.5';
  readonly checked: boolean;
}

const GENERATIONS: Readonly<Record<FileStatus['target'], string>> = {
  current: 'Concourse 8.1 and later',
  '8.0': 'Concourse 8.0',
  '5.5': 'Concourse 5.5 to 7.x',
};

/** Shows the status of the active file, until it is disposed of. */
export function languageStatus(client: LanguageClient): Disposable {
  const item = languages.createLanguageStatusItem('tarmac.file', documentSelector);
  item.name = 'Tarmac';
  item.command = {
    title: 'Version',
    command: 'workbench.action.openSettings',
    arguments: ['tarmac.concourse.version'],
    tooltip: 'Choose the Concourse that files are checked against',
  };
  const known = new Map<string, FileStatus>();
  const show = (): void => {
    const uri = window.activeTextEditor?.document.uri;
    const status = uri && known.get(client.code2ProtocolConverter.asUri(uri));
    item.busy = client.state === State.Starting;
    item.severity = client.state === State.Stopped ? LanguageStatusSeverity.Error : LanguageStatusSeverity.Information;
    item.text = client.state === State.Stopped ? 'Tarmac: the language server has stopped' : textOf(status);
    item.detail = status && status.kind !== 'other' && status.checked ? GENERATIONS[status.target] : '';
  };
  show();
  return Disposable.from(
    item,
    client.onNotification('tarmac/status', (status: FileStatus) => {
      known.set(status.uri, status);
      show();
    }),
    client.onDidChangeState(show),
    window.onDidChangeActiveTextEditor(show),
    workspace.onDidCloseTextDocument(({ uri }) => known.delete(client.code2ProtocolConverter.asUri(uri))),
  );
}

function textOf(status: FileStatus | undefined): string {
  if (status === undefined || status.kind === 'other') return 'Not a Concourse task';
  if (!status.checked) return 'Concourse task: not checked';
  if (status.kind === 'task') return 'Concourse task';
  return status.tasks === 1 ? 'Pipeline with 1 task' : `Pipeline with ${status.tasks} tasks`;
}
