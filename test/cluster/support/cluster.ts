/** The real Kubernetes that cluster tests run against; `npm run cluster -- up` starts it. */
import { layout, type ClusterFile } from '../../../scripts/cluster/layout.ts';
import { parseClusterFile, runningDaemons } from '../../../scripts/cluster/health.ts';
import { readIfThere } from '../../../scripts/machine/command.ts';
import { kubectlFor } from '../../../scripts/cluster/kubectl.ts';

/** Where the cluster is and what is in it. All paths are absolute. */
export interface TestCluster extends ClusterFile {
  /** To be added to the environment of a child process that is to use the cluster as its user. */
  readonly env: Readonly<{ KUBECONFIG: string }>;
}

/**
 * The running cluster.
 *
 * @throws Error that says how to start one, when there is none or it has died
 */
export async function testCluster(): Promise<TestCluster> {
  const at = layout(process.env);
  const file = parseClusterFile(await readIfThere(at.file));
  if (file === undefined) {
    throw new Error(`There is no test cluster (no ${at.file}). Start one: npm run cluster -- up`);
  }
  const dead = file.kind === 'local' ? (await runningDaemons(at)).filter(([, pid]) => pid === undefined) : [];
  if (dead.length > 0) {
    const names = dead.map(([name]) => name).join(', ');
    throw new Error(`The test cluster is broken (${names} does not run). Start it again: npm run cluster -- up`);
  }
  return { ...file, env: { KUBECONFIG: file.userKubeconfig } };
}

/**
 * Runs kubectl against the test cluster, to see what a test has brought about there.
 *
 * @param args without --kubeconfig; as a user the namespace is `tarmac` unless given
 * @param options.admin as an administrator rather than with the rights of deploy/role.yaml; then give a namespace
 * @param options.input fed to stdin
 * @returns stdout
 * @throws ScriptError with kubectl's stderr when it does not exit with 0
 */
export async function kubectl(
  args: readonly string[],
  options: { readonly admin?: boolean; readonly input?: string } = {},
): Promise<string> {
  const cluster = await testCluster();
  const kubeconfig = options.admin === true ? cluster.adminKubeconfig : cluster.userKubeconfig;
  return kubectlFor(kubeconfig, layout(process.env).state)(args, options.input);
}
