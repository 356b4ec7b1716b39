/** Without a claim: bytes go straight into the pod's volumes and out of them. Nothing outlives the pod. */
import { posix } from 'node:path';
import type { ByteSink } from '../cluster/types.ts';
import { POD_LAYOUT, scriptCommand, type PodLayout } from '../supervisor/layout.ts';
import type { ArtifactStore, OutputRef, SavedOutput, TreeSource } from './artifact-store.ts';
import { StoreError } from './errors.ts';
import { checkMember } from './names.ts';
import { parseMembers, type ArtifactMember } from './members.ts';
import { receive, receiveText, runScript, type Received } from './transfer.ts';
import type { SendOptions, SendResult, StoreShell } from './types.ts';
import { upload } from './upload.ts';

/** The store of a run without a claim, through the helper of its pod. */
export class DirectStore implements ArtifactStore {
  readonly persistent = false;
  readonly #shell: StoreShell;
  readonly #layout: PodLayout;

  constructor(shell: StoreShell, layout: PodLayout = POD_LAYOUT) {
    this.#shell = shell;
    this.#layout = layout;
  }

  /** A fresh pod has nothing. */
  has(): Promise<Set<string>> {
    return Promise.resolve(new Set());
  }

  /** Unpacks while the bytes arrive. After an upload that was given up the directory is empty again. */
  async provide(source: TreeSource, directory: string, options: SendOptions = {}): Promise<SendResult> {
    const volume = posix.basename(directory);
    const { bytes, sha256 } = await upload(
      {
        shell: this.#shell,
        command: (id, epoch) =>
          scriptCommand(
            this.#layout,
            'receive',
            volume,
            id,
            String(epoch),
            String(source.archiveBytes),
            'direct',
            directory,
          ),
        open: source.open,
        total: source.archiveBytes,
      },
      options,
    );
    return { sent: bytes, unchanged: false, sha256 };
  }

  /** Only measures: the output stays where it is until the pod goes. */
  async saveOutput(
    output: OutputRef,
    options: { readonly signal?: AbortSignal | undefined } = {},
  ): Promise<SavedOutput> {
    const command = scriptCommand(this.#layout, 'direct', 'measure', output.directory);
    const { stdout } = await runScript(this.#shell, command, options.signal ? { signal: options.signal } : {});
    const [, files, bytes] = /^(\d+) (\d+)\n$/.exec(stdout) ?? [];
    if (files === undefined || bytes === undefined) {
      throw new StoreError('PROTOCOL', `The pod answered ${JSON.stringify(stdout.slice(0, 80))}`);
    }
    return { files: Number(files), bytes: Number(bytes), archive: undefined, kept: false };
  }

  async fetchOutput(output: OutputRef, sink: ByteSink, options: SendOptions = {}): Promise<Received> {
    return receive(this.#shell, scriptCommand(this.#layout, 'direct', 'stream', output.directory), sink, options);
  }

  async readOutputFile(output: OutputRef, path: string, sink: ByteSink, options: SendOptions = {}): Promise<Received> {
    const command = scriptCommand(this.#layout, 'direct', 'file', output.directory, checkMember(path));
    return receive(this.#shell, command, sink, options);
  }

  /** What the live pod has in the directory of an output now. */
  async listOutput(
    output: OutputRef,
    options: { readonly signal?: AbortSignal | undefined } = {},
  ): Promise<ArtifactMember[]> {
    const command = scriptCommand(this.#layout, 'direct', 'members', output.directory);
    return parseMembers(await receiveText(this.#shell, command, options));
  }

  /** A cache without a claim is what fly gives one-off builds: empty each time. */
  saveCache(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  restoreCache(): Promise<boolean> {
    return Promise.resolve(false);
  }

  /** What the command wrote is in the pod, as long as that is there. */
  saveLogs(): Promise<void> {
    return Promise.resolve();
  }
}
