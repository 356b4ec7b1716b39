/** Shows what the command of `tarmac.pipelines.render` printed for a template, and tells the server when the workspace is trusted. */
import { Disposable, workspace } from 'vscode';
import { State, type LanguageClient } from 'vscode-languageclient/node';

/** Scheme of the rendered text of the template at the URI's path. */
const scheme = 'tarmac-rendered';

/** Registers the documents; whoever calls disposes of it. */
export function renderedPipelines(client: LanguageClient): Disposable {
  return Disposable.from(
    workspace.registerTextDocumentContentProvider(scheme, {
      async provideTextDocumentContent({ path, fsPath }) {
        if (client.state !== State.Running) return undefined;
        const text = await client.sendRequest<string | null>('tarmac/rendered', {
          path: fsPath === '' ? path : fsPath,
        });
        return text ?? undefined;
      },
    }),
    workspace.onDidGrantWorkspaceTrust(() => {
      // A server that starts later is told at its start.
      if (client.state === State.Running) client.sendNotification('tarmac/trusted').catch(() => undefined);
    }),
  );
}
