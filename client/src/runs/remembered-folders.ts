/** Tells the language server which local folders the inputs of a task had the last time or were chosen for the next, so that it checks against them. */
import { Disposable, Uri } from 'vscode';
import { State, type LanguageClient } from 'vscode-languageclient/node';
import { parseEarlierOutput } from '#runner/earlier-output';
import type { Choices } from '../choices/choices.ts';
import type { RememberedRun } from './run-memory.ts';
import type { RunningParts } from '../parts.ts';

const notification = 'tarmac/inputFolders';

/** The folders of a run's inputs by name: outputs of earlier runs and what was left out are none. */
export function inputFolders({ choices }: { readonly choices: Choices }): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(choices.inputs).filter(
      (entry): entry is [string, string] => entry[1] !== null && !parseEarlierOutput(entry[1]),
    ),
  );
}

/** Tells at the server's start, which may be one of several, with each run that begins, and when inputs were chosen. */
export function shareInputFolders(client: LanguageClient, { memory, store, choices }: RunningParts): Disposable {
  const tell = (run: Pick<RememberedRun, 'taskUri' | 'choices'>): void => {
    const { scheme, fsPath } = Uri.parse(run.taskUri);
    // What cannot be sent is said again when the server is back.
    if (scheme === 'file' && client.state === State.Running) {
      client.sendNotification(notification, { path: fsPath, folders: inputFolders(run) }).catch(() => undefined);
    }
  };
  const tellAll = (): void => {
    // Newest first in the memory: the last word is the newest.
    for (const run of memory.all.toReversed()) tell(run);
    // A name with a fragment is that of tasks.json, or of a step: there may be several for one file.
    for (const each of choices.all) if (Uri.parse(each.taskUri).fragment === '') tell(each);
  };
  const listeners = [
    choices.onDidSet(tell),
    client.onDidChangeState(({ newState }) => {
      if (newState === State.Running) tellAll();
    }),
    store.onDidChange(({ added }) => {
      for (const id of added) {
        const run = memory.get(id);
        if (run && store.get(id)?.following) tell(run);
      }
    }),
  ];
  return Disposable.from(...listeners);
}
