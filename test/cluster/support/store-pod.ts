/** A real pod that mounts a claim, and fresh stores in it: each test has a folder of the claim to itself. */
import { randomUUID } from 'node:crypto';
import { openCluster } from '#internal/runner/src/cluster/cluster.ts';
import { openStorePod } from '#internal/runner/src/pod/store-pod.ts';
import { defaultHelperImage } from '#internal/runner/src/plan/plan.ts';
import type { EffectiveProfile } from '#internal/runner/src/pod/security.ts';
import { ClaimStore } from '#internal/runner/src/store/claim-store.ts';
import { DirectStore } from '#internal/runner/src/store/direct-store.ts';
import type { StoreShell } from '#internal/runner/src/store/types.ts';
import type { ArtifactStore } from '#internal/runner/src/store/artifact-store.ts';
import type { StoreFixture } from '#internal/runner/src/store/store-contract.ts';
import { ARTIFACTS_ROOT, POD_LAYOUT } from '#internal/runner/src/supervisor/layout.ts';

/** What a script in the pod printed, and how it ended. */
export interface Done {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A running pod; disposing deletes it with all that tests made in it. */
export interface TestStorePod extends AsyncDisposable {
  readonly shell: StoreShell;
  /** Runs a shell script; what it prints must be text. */
  run(script: string, ...args: string[]): Promise<Done>;
  /** A folder of the claim in which nothing is yet, as on a new volume. Removed with the pod. */
  freshRoot(): string;
  /** The claim's store below a root of {@link freshRoot}; not initialised. */
  claimStore(root: string): ClaimStore;
  /** For `storeContract`: a store of its own for each test. */
  claimFixture(): Promise<StoreFixture>;
  directFixture(): Promise<StoreFixture>;
}

/** Seconds that the pod stays without being asked anything. */
const KEEP_SECONDS = 50 * 60;

/** @param claim absent: a pod without one, for `DirectStore` alone */
export async function openTestStorePod(options: {
  readonly kubeconfig: string;
  readonly claim?: string;
  readonly profile?: EffectiveProfile;
}): Promise<TestStorePod> {
  await using stack = new AsyncDisposableStack();
  const cluster = stack.use(await openCluster({ kubeconfig: options.kubeconfig }));
  const pod = stack.use(
    await openStorePod(cluster, {
      helperImage: defaultHelperImage,
      profile: options.profile ?? 'baseline',
      ...(options.claim === undefined ? {} : { claim: options.claim }),
    }),
  );
  const { shell } = pod;
  const run = async (script: string, ...args: string[]): Promise<Done> => {
    const [stdout, stderr]: [Buffer[], Buffer[]] = [[], []];
    const { exitCode } = await shell.exec({
      command: ['sh', '-c', script, 'sh', ...args],
      stdout: (chunk) => void stdout.push(Buffer.from(chunk)),
      stderr: (chunk) => void stderr.push(Buffer.from(chunk)),
    });
    return { exitCode, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() };
  };
  // Its tests may take longer, on a busy machine, than such a pod waits for its client.
  await run(`echo $(($(date +%s) + ${KEEP_SECONDS})) >${POD_LAYOUT.tarmac}/helper/keep`);
  const roots: string[] = [];
  stack.defer(async () => {
    if (roots.length > 0) await run('rm -rf "$@"', ...roots);
  });
  const freshRoot = (): string => {
    const root = `${ARTIFACTS_ROOT}/test-${randomUUID()}`;
    roots.push(root);
    return root;
  };
  const claimStore = (root: string): ClaimStore => new ClaimStore(shell, { ...POD_LAYOUT, artifacts: root });
  const fixture = (store: ArtifactStore): StoreFixture => {
    const directories: string[] = [];
    return {
      store,
      async directory() {
        const { stdout } = await run('mktemp -d');
        directories.push(stdout.trimEnd());
        return stdout.trimEnd();
      },
      async run(script, ...args) {
        const { exitCode, stdout, stderr } = await run(script, ...args);
        if (exitCode !== 0 || stderr !== '') throw new Error(`exit code ${exitCode}: ${stderr}`);
        return stdout;
      },
      async [Symbol.asyncDispose]() {
        if (directories.length > 0) await run('rm -rf "$@"', ...directories);
      },
    };
  };
  const owned = stack.move();
  return {
    shell,
    run,
    freshRoot,
    claimStore,
    async claimFixture() {
      const store = claimStore(freshRoot());
      await store.init();
      return fixture(store);
    },
    directFixture: () => Promise.resolve(fixture(new DirectStore(shell))),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
