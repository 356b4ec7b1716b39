/** The Role that Tarmac needs, for whoever may grant it. */
import * as l10n from '@vscode/l10n';
import { env, window } from 'vscode';
import { roleManifest } from '../failures/role.ts';
import type { ClusterRef, RunnerHost } from './runner-host.ts';

/** Puts it into the clipboard and says what to do with it. */
export async function copyRole(host: RunnerHost, ref: ClusterRef | undefined): Promise<void> {
  const { neededAccess } = await host.load();
  const namespace = ref?.namespace ?? 'default';
  await env.clipboard.writeText(roleManifest(neededAccess, namespace));
  void window.showInformationMessage(
    l10n.t(
      "The Role that Tarmac needs in {0} is in the clipboard. An administrator applies it with '{1}' and binds it to you.",
      namespace,
      'kubectl apply -f -',
    ),
  );
}
