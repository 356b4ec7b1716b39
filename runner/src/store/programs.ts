/**
 * The commands of the pod's containers, as argv: what `pod.ts` puts into a pod spec (after `escapeForPodSpec`), and the
 * conversation with a receiving init container.
 *
 * In a pod with a claim the first init container installs the tools; in `receive` mode it then waits while the client
 * uploads by exec into that very container, so that no second pod has to mount the claim (ReadWriteOncePod allows none).
 */
import { POD_LAYOUT, scriptCommand, type PodLayout } from '../supervisor/layout.ts';
import { INSTALL, SUPERVISOR_SCRIPTS } from '../supervisor/scripts/index.ts';
import { manifestPath, type ArtifactPath } from './claim-store.ts';
import { checkDigest } from './names.ts';
import { STORE_SCRIPTS, WAIT_PREPARED, WHEN_INSTALLED } from './scripts/index.ts';
import { runScript } from './transfer.ts';
import type { StoreShell } from './types.ts';

/** All scripts of a pod by their name in `bin/`. */
export const POD_SCRIPTS: Readonly<Record<string, string>> = { ...SUPERVISOR_SCRIPTS, ...STORE_SCRIPTS };

/** What a container runs: `command` with its `env`. */
export interface ContainerProgram {
  readonly command: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** What the helper saves by itself when the command has ended and its client is gone. */
export interface SelfSave {
  readonly run: string;
  readonly artifacts: readonly { readonly artifact: ArtifactPath; readonly directory: string }[];
  /** Without a sign of life for so long the client counts as gone; 120 when absent. */
  readonly silenceSeconds?: number;
}

/** Installs the tools and then becomes `next`; in the helper image, whose `sh` is a BusyBox. */
function installThen(layout: PodLayout, next: readonly string[]): ContainerProgram {
  const scripts = Object.entries(POD_SCRIPTS).flat();
  return { command: ['sh', '-c', INSTALL, 'install', layout.tarmac, String(scripts.length / 2), ...scripts, ...next] };
}

/** Only installs: the init container of a pod without inputs from a claim. */
export function installProgram(layout: PodLayout = POD_LAYOUT): ContainerProgram {
  return installThen(layout, [`${layout.tarmac}/bin/busybox`, 'true']);
}

/** One init container `fetch-input-N`. */
export interface FetchInput {
  /** N; number 0 installs the tools for all containers. */
  readonly index: number;
  /** What to unpack. */
  readonly artifact: ArtifactPath;
  /** Where the container has the input's volume mounted. */
  readonly directory: string;
  /** `receive` (number 0 only): wait for the client's uploads first. */
  readonly mode: 'receive' | 'restore';
  /** What the archive's digest must be; absent: told later (`sendGo`), or not known. */
  readonly sha256?: string | undefined;
  /** Give up when a receiving container got no sign of life for so long; 600 when absent. */
  readonly patienceSeconds?: number;
}

/** The program of `fetch-input-N`; exit codes in `errors.ts`. */
export function fetchInputProgram(fetch: FetchInput, layout: PodLayout = POD_LAYOUT): ContainerProgram {
  const command = scriptCommand(
    layout,
    'fetch',
    layout.artifacts,
    fetch.mode,
    manifestPath(fetch.artifact),
    fetch.directory,
    String(fetch.patienceSeconds ?? 600),
    fetch.sha256 === undefined ? '-' : checkDigest(fetch.sha256),
  );
  return fetch.index === 0 ? installThen(layout, command) : { command };
}

/** pid 1 of `main`. `keepSeconds`: how long the pod stays without a sign of life once nothing runs. */
export function mainProgram(keepSeconds: number, layout: PodLayout = POD_LAYOUT): ContainerProgram {
  return { command: scriptCommand(layout, 'idle', 'main', String(Math.max(1, Math.ceil(keepSeconds)))) };
}

/**
 * pid 1 of the helper.
 *
 * @param directories where the helper has the task's volumes: given to the user that the command runs as, if not root
 * @param selfSave what it saves on its own; nothing when absent
 */
export function helperProgram(
  keepSeconds: number,
  directories: readonly string[],
  layout: PodLayout = POD_LAYOUT,
  selfSave?: SelfSave,
): ContainerProgram {
  const keep = String(Math.max(1, Math.ceil(keepSeconds)));
  const command = scriptCommand(layout, 'idle', 'helper', keep, ...directories);
  if (!selfSave) return { command };
  const lines = selfSave.artifacts.map(({ artifact, directory }) => `${manifestPath(artifact)} ${directory}`);
  return {
    command,
    env: {
      TARMAC_RUN: selfSave.run,
      TARMAC_SAVE: lines.join('\n'),
      TARMAC_STORE: layout.artifacts,
      TARMAC_SILENCE: String(selfSave.silenceSeconds ?? 120),
    },
  };
}

/**
 * The program of an idling container of a spare: as long as nobody has taken the pod, it ends so long after its begin.
 *
 * @param idle what `mainProgram` or `helperProgram` made
 */
export function spareProgram(idle: ContainerProgram, spareSeconds: number): ContainerProgram {
  // busybox sh bin/idle ROLE KEEP …
  const [keep = ''] = idle.command.slice(4);
  return { ...idle, command: idle.command.with(4, `${keep}:${Math.max(1, Math.ceil(spareSeconds))}`) };
}

/**
 * argv that takes a spare pod in its helper, for the run that has this word.
 *
 * @param fetches what is unpacked then, before the command may begin; undefined: a second call says so
 */
export function takeCommand(
  token: string,
  fetches: readonly HelperFetch[] | undefined,
  layout: PodLayout = POD_LAYOUT,
): string[] {
  if (!fetches) return scriptCommand(layout, 'take', token);
  return scriptCommand(layout, 'take', token, layout.artifacts, String(fetches.length), ...fetchWords(fetches));
}

/** The words `PATH DEST SHA` of each, as `give` reads them. */
function fetchWords(fetches: readonly HelperFetch[]): string[] {
  return fetches.flatMap(({ artifact, directory, sha256 }) => [
    manifestPath(artifact),
    directory,
    sha256 === undefined ? '-' : checkDigest(sha256),
  ]);
}

/** What the helper unpacks by itself. */
export interface HelperFetch {
  readonly artifact: ArtifactPath;
  readonly directory: string;
  /** What the archive's digest must be, if it is known. */
  readonly sha256?: string | undefined;
}

/**
 * The helper of a pod that needs no upload: it installs the tools and unpacks the inputs before it idles, so that the pod
 * needs no init container. `helperReadyHook` is its postStart hook: the kubelet starts the containers of a pod in order
 * and waits for each one's hook, so `main` finds everything in place.
 *
 * @param idle the program that `helperProgram` made for this pod
 */
export function preparingHelperProgram(
  fetches: readonly HelperFetch[],
  idle: ContainerProgram,
  layout: PodLayout = POD_LAYOUT,
): ContainerProgram {
  const told = fetchWords(fetches);
  // What `idle` is called with follows the program and its name: busybox sh bin/idle ARG…
  const idleArguments = idle.command.slice(3);
  const command = scriptCommand(layout, 'prepare', layout.artifacts, String(fetches.length), ...told, ...idleArguments);
  return { ...idle, ...installThen(layout, command) };
}

/** argv of the hook that holds back the containers after the helper until it has unpacked the inputs. */
export function helperReadyHook(layout: PodLayout = POD_LAYOUT): string[] {
  return ['sh', '-c', WAIT_PREPARED, layout.tarmac];
}

/** The only container of a pod for looking into a claim: installs, and idles until nothing was asked for so long. */
export function storePodProgram(keepSeconds: number, layout: PodLayout = POD_LAYOUT): ContainerProgram {
  return installThen(layout, helperProgram(keepSeconds, [], layout).command);
}

/**
 * A shell for a container whose installer may still be at work: each command waits, up to a minute, until the tools
 * are in place. Needs the helper image's own `sh`.
 */
export function shellWhenInstalled(shell: StoreShell, layout: PodLayout = POD_LAYOUT): StoreShell {
  return {
    exec: (request) =>
      shell.exec({ ...request, command: ['sh', '-c', WHEN_INSTALLED, layout.tarmac, ...request.command] }),
  };
}

/** Trees per call: argv travels in the URL. */
const treesPerCall = 20;

/**
 * Tells a receiving `fetch-input-0` that all uploads are done. Saying it twice is no error.
 *
 * @param options.digests by tree: SHA-256 of the archive that it is to be unpacked from
 */
export async function sendGo(
  shell: StoreShell,
  options: { readonly signal?: AbortSignal; readonly digests?: ReadonlyMap<string, string> } = {},
  layout: PodLayout = POD_LAYOUT,
): Promise<void> {
  const { digests = new Map<string, string>(), ...rest } = options;
  const pairs = [...digests].map(([tree, sha256]) => [checkDigest(tree), checkDigest(sha256)]);
  // The last call lets the container go.
  for (let at = 0; at === 0 || at < pairs.length; at += treesPerCall) {
    const script = at + treesPerCall < pairs.length ? 'digests' : 'go';
    await runScript(shell, scriptCommand(layout, script, ...pairs.slice(at, at + treesPerCall).flat()), rest);
  }
}
