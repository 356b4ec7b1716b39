/** kubectl, kept away from the user's own configuration. */
import { join } from 'node:path';
import { output } from '../machine/command.ts';

/** kubectl for one kubeconfig. */
export interface Kubectl {
  /**
   * Runs kubectl with arguments and gives its stdout.
   *
   * @throws ScriptError with its stderr when it does not exit with 0
   */
  (args: readonly string[], input?: string): Promise<string>;
}

/**
 * @param kubeconfig the only one that is read
 * @param state folder for kubectl's cache of the API, which otherwise is ~/.kube/cache
 */
export function kubectlFor(kubeconfig: string, state: string): Kubectl {
  const common = [`--kubeconfig=${kubeconfig}`, `--cache-dir=${join(state, 'kubectl-cache')}`, '--request-timeout=30s'];
  return (args, input) => {
    const separator = args.indexOf('--');
    const [own, command] = separator < 0 ? [args, []] : [args.slice(0, separator), args.slice(separator)];
    return output('kubectl', [...own, ...common, ...command], input === undefined ? {} : { input });
  };
}

/** Creates or updates objects. */
export async function apply(kubectl: Kubectl, objects: readonly unknown[]): Promise<void> {
  const list = { apiVersion: 'v1', kind: 'List', items: objects };
  await kubectl(['apply', '--validate=false', '-f', '-'], JSON.stringify(list));
}
