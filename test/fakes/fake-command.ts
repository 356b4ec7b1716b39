/** Plays the supervisor of a pod of a `FakeCluster`: start, attach and kill, in the frames of the real scripts. */
import { ExecError } from '#internal/runner/src/cluster/exec/error.ts';
import type { ExecRequest } from '#internal/runner/src/cluster/types.ts';
import { scriptOf } from './exec-script.ts';
import type { FakeCluster } from './fake-cluster.ts';

export interface FakeCommandOptions {
  readonly stdout?: string;
  readonly stderr?: string;
  /** Code of a command that ends by itself. */
  readonly exitCode?: number;
  /** Runs until `end` or a cancel. */
  readonly endless?: boolean;
  /** Code of a command that is cancelled: its own answer to TERM. */
  readonly cancelCode?: number;
  /** Processes that the kernel killed for lack of memory. */
  readonly oomKills?: number;
  /** Streams that were cut at the limit, as the exit frame names them: `out`, `err`, `out+err`. */
  readonly capped?: string;
  /** Why somebody ended the command before it was looked at. */
  readonly cancelled?: 'abort' | 'timeout';
  /** What the kill script answers; 1: something survived KILL. */
  readonly killCode?: number;
}

/** One task command. Its pod's `main` is taken over; `start` and `attach` are told what it wrote. */
export class FakeCommand {
  started = false;
  /** What `start` was told on stdin. */
  spec = '';
  /** Reasons of the cancels, in order. */
  readonly kills: string[] = [];
  /** Settles when the command has been started. */
  readonly running: Promise<void>;
  readonly #options: FakeCommandOptions;
  /** What the client named as secret when it started the command. */
  #secrets = '';
  #begin: () => void = () => undefined;
  #end: (code: number) => void = () => undefined;
  readonly #ended: Promise<number>;

  constructor(cluster: FakeCluster, options: FakeCommandOptions = {}) {
    this.#options = options;
    this.running = new Promise((resolve) => (this.#begin = resolve));
    this.#ended = new Promise((resolve) => (this.#end = resolve));
    cluster.onExec('main', this.exec);
  }

  /** Ends an endless command. */
  end(exitCode = 0): void {
    this.#end(exitCode);
  }

  /** What an exec in `main` does. */
  readonly exec = async (request: ExecRequest): Promise<number> => {
    const [script = '', ...args] = scriptOf(request.command);
    if (script === 'kill') {
      this.kills.push(args[1] ?? '');
      if (this.#options.killCode !== undefined) return this.#options.killCode;
      this.#end(this.#options.cancelCode ?? 143);
      return 0;
    }
    if (script === 'secrets') {
      await request.stdout?.(Buffer.from(`S\n${this.#secrets}\n`));
      return 0;
    }
    if (script === 'start') {
      for await (const chunk of request.stdin ?? []) {
        if (chunk.length === 0) throw new Error('an empty piece of stdin');
        this.spec += Buffer.from(chunk).toString();
      }
      // Quoted for a shell; the values of the tests hold no quote.
      this.#secrets = /^tarmac_secrets='([^']*)'$/m.exec(this.spec)?.[1] ?? '';
      this.started = true;
      if (this.#options.endless !== true) this.#end(this.#options.exitCode ?? 0);
    } else if (!this.started) {
      await request.stdout?.(Buffer.from('N\n'));
      return 0;
    }
    const { stdout = '', stderr = '' } = this.#options;
    const [out, err] = script === 'attach' ? [Number(args[0]), Number(args[1])] : [0, 0];
    await this.#frames(request, `S\n${frame('O', stdout.slice(out))}${frame('E', stderr.slice(err))}`);
    this.#begin();
    const { oomKills = 0, capped = 'none', cancelled = 'none' } = this.#options;
    const code = await Promise.race([this.#ended, aborted(request.signal)]);
    await this.#frames(
      request,
      `X ${code} ${stdout.length} ${stderr.length} 1700000000 10 ${oomKills} 0 ${capped} ${this.kills[0] ?? cancelled}\n`,
    );
    return 0;
  };

  async #frames(request: ExecRequest, text: string): Promise<void> {
    await request.stdout?.(Buffer.from(text));
  }
}

function frame(tag: string, text: string): string {
  return text === '' ? '' : `${tag} ${text.length}\n${text}`;
}

/** Rejects as an exec does when its caller gives up. */
function aborted(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_resolve, reject) => {
    const give = (): void => reject(new ExecError('ABORTED', 'aborted', { cause: signal?.reason }));
    if (signal?.aborted === true) give();
    else signal?.addEventListener('abort', give, { once: true });
  });
}
