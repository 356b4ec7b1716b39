/** The views of runs and of the store, the artifacts' file system, and the commands on both. */
import * as l10n from '@vscode/l10n';
import {
  Disposable,
  EventEmitter,
  window,
  workspace,
  type ExtensionContext,
  type LogOutputChannel,
  type Uri,
} from 'vscode';
import { ArtifactAccess, type LocatedArtifact } from '../artifacts/artifact-access.ts';
import { artifactScheme } from '../artifacts/artifact-address.ts';
import { ArtifactCommands } from '../artifacts/artifact-commands.ts';
import { ArtifactDownloads } from '../artifacts/artifact-downloads.ts';
import { ArtifactFiles } from '../artifacts/artifact-files.ts';
import { ArtifactPlaces, type ArtifactPlace } from '../artifacts/artifact-places.ts';
import { PinnedRuns } from '../artifacts/pinned-runs.ts';
import { register } from '../commands/register.ts';
import { useAsInput } from '../commands/use-as-input.ts';
import { requireTrust } from '../cluster/runner-host.ts';
import { clusterOf } from '../runs/cluster-of.ts';
import { runOfRecord, withRecord, type RunModel } from '../runs/run-model.ts';
import type { RunningParts } from '../parts.ts';
import { claimChoice, clusterSettings } from '../settings.ts';
import { ClusterWatch, type WatchState } from './cluster-watch.ts';
import { listCommands } from './list-commands.ts';
import type { RunNode } from './run-node.ts';
import { RunsTree } from './runs-tree.ts';
import { StoreTree, type StoreNode } from './store-tree.ts';

type Node = RunNode | StoreNode;

/** Running times in the tree go on by the second. */
const tickMs = 1000;
/** Runs of this machine's past that are shown without asking a cluster. */
const maxRecords = 500;

export interface Views extends AsyncDisposable {
  readonly access: ArtifactAccess;
  /** Where a run's artifacts are. */
  placeOf(run: RunModel): ArtifactPlace;
}

/** Makes both views. Disposing closes the pods that look into the store. */
export function startViews(context: ExtensionContext, parts: RunningParts, log: LogOutputChannel): Views {
  const { host, choice, store, memory, jobs } = parts;
  const pinChanges = new EventEmitter<ReadonlySet<string>>();
  const pinned = new PinnedRuns(context.workspaceState, pinChanges);
  const access = new ArtifactAccess(host, new ArtifactPlaces(context.workspaceState), store, pinned);
  const placeOf = (run: RunModel): ArtifactPlace => {
    const { claim } = run;
    return { ...clusterOf(run, { memory, choice }), ...(claim === undefined ? {} : { claim }) };
  };
  const currentPlace = (): ArtifactPlace | undefined => {
    const ref = choice.current;
    const claim = claimChoice(clusterSettings().claim);
    return ref && { ...ref, ...(claim === false ? {} : { claim: claim ?? 'tarmac-artifacts' }) };
  };

  const runsTree = new RunsTree(store, access, placeOf, jobs);
  const storeTree = new StoreTree(access, currentPlace);
  const runsView = window.createTreeView('tarmac.runs', {
    treeDataProvider: runsTree,
    showCollapseAll: true,
    canSelectMany: true,
  });
  const storeView = window.createTreeView('tarmac.store', { treeDataProvider: storeTree, showCollapseAll: true });
  const watch = new ClusterWatch(host, store, log, (state) => showWatch(state));
  const showWatch = (state: WatchState): void => {
    const ref = choice.current;
    const where = ref ? `${ref.context} / ${ref.namespace}` : '';
    if (state === 'connecting') runsView.description = l10n.t('{0} (connecting)', where);
    else runsView.description = state === 'retrying' ? l10n.t('{0} (retrying)', where) : where;
  };
  showWatch('off');

  const list = listCommands(runsTree, runsView, context.workspaceState, parts);
  const files = new ArtifactFiles(access, store);
  const actions = new ArtifactCommands(access, store, placeOf);
  const downloads = new ArtifactDownloads(access);
  const locate = (argument: Node | Uri | undefined): LocatedArtifact | undefined => {
    if (!argument) return undefined;
    if ('scheme' in argument) return access.locate(argument);
    return isStoreNode(argument) ? storeTree.locate(argument) : runsTree.locate(argument);
  };
  const onArtifact =
    (act: (located: LocatedArtifact) => Promise<unknown>) =>
    async (argument?: Node | Uri): Promise<unknown> => {
      const located = locate(argument);
      return located && act(located);
    };
  /** Of a run, or of one of its outputs: what is kept is all that the run left. */
  const pin = async (argument: Node | Uri | undefined, keep: boolean): Promise<void> => {
    const id = argument && 'kind' in argument && argument.kind === 'run' ? argument.run : undefined;
    const run = id === undefined ? undefined : store.get(id);
    const located = run ? undefined : locate(argument);
    if (run) await pinRun(access, placeOf(run), run.run, keep);
    else if (located?.artifact.kind === 'output') await pinRun(access, located.place, located.artifact.run, keep);
  };
  const refresh = async (): Promise<void> => {
    requireTrust();
    const ref = await choice.ensure();
    if (ref) await watch.start(ref);
  };
  const refreshStore = async (): Promise<void> => {
    await window.withProgress({ location: { viewId: 'tarmac.store' } }, () => storeTree.refresh());
    storeView.description = storeTree.summary;
  };
  const forgetStore = (): void => {
    storeTree.clear();
    storeView.description = '';
  };
  const handlers: Readonly<Record<string, (argument?: Node | Uri) => Promise<unknown>>> = {
    'tarmac.refreshRuns': refresh,
    'tarmac.refreshStore': async () => {
      requireTrust();
      if (await choice.ensure()) await refreshStore();
    },
    'tarmac.compareWithWorkspace': onArtifact((located) => actions.compareWithWorkspace(located)),
    'tarmac.compareWithRun': onArtifact((located) => actions.compareWithRun(located)),
    'tarmac.downloadArtifact': onArtifact((located) => downloads.download(located)),
    'tarmac.useAsInput': onArtifact((located) => useAsInput(located, parts)),
    'tarmac.deleteArtifact': onArtifact(async (located) => {
      if ((await actions.delete(located)) && storeTree.isOpen) await refreshStore();
    }),
    'tarmac.pinRun': (argument) => pin(argument, true),
    'tarmac.unpinRun': (argument) => pin(argument, false),
    'tarmac.showMore': (argument) => {
      if (argument && !('scheme' in argument) && argument.kind === 'more') {
        if (isStoreMore(argument)) storeTree.showMore(argument);
        else runsTree.showMore(argument);
      }
      return Promise.resolve();
    },
  };

  let told = false;
  /** The state in which a run's record was last read: it does not change by itself. */
  const recordsRead = new Map<string, string>();
  const showRecords = async (): Promise<void> => {
    // What this machine remembers is read from its disk: no cluster is asked for it.
    if (told || !runsView.visible || !workspace.isTrusted) return;
    told = true;
    // First: the runs of steps are shown below their jobs.
    await readJobs();
    const runner = await host.load();
    const records = await runner.readRecords(runner.stateDir(process.env));
    for (const record of records.slice(0, maxRecords)) {
      recordsRead.set(record.run, record.status ?? 'running');
      const known = store.get(record.run);
      store.put(known ? withRecord(known, record) : runOfRecord(record));
    }
  };
  /** Of runs that a list has told of: those of a terminal have their inputs and outputs in their record. */
  const readRecordOf = async ({ run: id, state }: RunModel): Promise<void> => {
    if (recordsRead.get(id) === state) return;
    recordsRead.set(id, state);
    const runner = await host.load();
    const record = await runner.readRecord(runner.stateDir(process.env), id);
    const known = store.get(id);
    if (record && known) store.put(withRecord(known, record));
  };
  let isReading = false;
  /** The jobs of this machine: those of the command line and of other windows are told by their records only. */
  const readJobs = async (): Promise<void> => {
    if (isReading || !workspace.isTrusted) return;
    isReading = true;
    try {
      const runner = await host.load();
      jobs.merge(await runner.readJobs(runner.stateDir(process.env)));
    } catch (error) {
      log.warn(`The records of jobs could not be read: ${String(error)}`);
    } finally {
      isReading = false;
    }
  };
  const lookAtRecords = (): void => {
    showRecords().catch((error: unknown) => {
      told = false;
      log.error(`The records of runs could not be read: ${String(error)}`);
    });
  };
  const ticking = setInterval(() => {
    if (!runsView.visible) return;
    runsTree.tick();
    if (jobs.active.some(({ following }) => !following)) void readJobs();
  }, tickMs);

  context.subscriptions.push(
    ...[runsTree, storeTree, runsView, storeView, files, pinChanges],
    workspace.registerFileSystemProvider(artifactScheme, files, { isReadonly: true, isCaseSensitive: true }),
    ...register({ ...handlers, ...list.handlers }, parts),
    runsView.onDidChangeVisibility(lookAtRecords),
    choice.onDidChange(() => {
      forgetStore();
      const ref = choice.current;
      // Who looks at runs looks at those of the new place.
      if (ref && watch.state !== 'off') watch.start(ref).catch((error: unknown) => log.warn(String(error)));
      else void watch.stop();
    }),
    workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration('tarmac.claim')) forgetStore();
    }),
    workspace.onDidGrantWorkspaceTrust(lookAtRecords),
    // Who executes a task has asked for the cluster.
    store.onDidChange(({ added, changed }) => {
      list.showCounts();
      const listed = [...added, ...changed].map((id) => store.get(id));
      for (const run of listed) {
        if (run && !run.following && !run.elsewhere && run.outputs.every(({ files }) => files === undefined)) {
          readRecordOf(run).catch((error: unknown) => log.warn(`The record of ${run.run}: ${String(error)}`));
        }
      }
      if (listed.some((run) => run && !run.following && !run.elsewhere)) void readJobs();
      const ref = choice.current;
      const mine = added.some((id) => store.get(id)?.following);
      if (ref && mine && watch.state === 'off') watch.start(ref).catch((error: unknown) => log.warn(String(error)));
    }),
    new Disposable(() => clearInterval(ticking)),
  );
  lookAtRecords();
  return {
    access,
    placeOf,
    async [Symbol.asyncDispose]() {
      await watch[Symbol.asyncDispose]();
      await access[Symbol.asyncDispose]();
    },
  };
}

async function pinRun(access: ArtifactAccess, place: ArtifactPlace, run: string, pinned: boolean): Promise<void> {
  await access.pin(place, run, pinned);
  void window.showInformationMessage(
    pinned
      ? l10n.t('Outputs and log of {0} will be kept until you stop keeping them.', run)
      : l10n.t('Outputs and log of {0} may be removed at the next clean-up.', run),
  );
}

function isStoreNode(node: Node): node is StoreNode {
  return ['group', 'artifact', 'entry'].includes(node.kind) || (node.kind === 'more' && isStoreMore(node));
}

function isStoreMore(node: Extract<Node, { kind: 'more' }>): node is Extract<StoreNode, { kind: 'more' }> {
  return node.of !== undefined && isStoreNode(node.of);
}
