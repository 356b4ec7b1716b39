/**
 * An upload that survives its connections: the archive goes in segments, the pod acknowledges each one that it has
 * verified, and a new connection goes on behind the last acknowledged one. What the pod does: `scripts/receive.sh`.
 */
import { randomBytes } from 'node:crypto';
import { ExecError } from '../cluster/exec/error.ts';
import { retry } from '../failures/retry.ts';
import { StoreError, storeErrorFrom } from './errors.ts';
import { resplit, SegmentCutter, SegmentList, type Segment } from './segments.ts';
import { failed, textSink } from './transfer.ts';
import type { SendOptions, StoreShell } from './types.ts';

/** Sizes of segments in bytes: of the first ones, of all later ones, and where connections hardly live. */
const firstSize = 1 << 20;
const largestSize = 4 << 20;
const smallestSize = 32 << 10;
/** So many acknowledged segments in a row make the next ones larger. */
const growAfter = 3;
/** Segments that are under way or wait for their acknowledgement; they are kept in memory. */
const windowSize = 4;

/** The upload is given up when nothing was acknowledged for so long. */
const patienceMs = 10 * 60_000;
/** Before the next connection, in milliseconds; longer when the ones before brought nothing. */
const pauses = { first: 50, most: 5_000 };
/** How often one segment may arrive damaged, or the pod give another answer that hardly changes. */
const doubtfulTries = 3;

/** What is sent, and to whom. */
export interface UploadRequest {
  readonly shell: StoreShell;
  /** argv of one connection; `id` is the upload's, `epoch` is higher for each further connection. */
  readonly command: (id: string, epoch: number) => readonly string[];
  readonly open: (signal?: AbortSignal) => AsyncIterable<Uint8Array>;
  /** Exact number of bytes that `open` yields. */
  readonly total: number;
}

/** What arrived, as the pod confirmed it. */
export interface Uploaded {
  readonly bytes: number;
  readonly sha256: string;
}

/** Epochs rise over all uploads of this process, and from one process to the next. */
let lastEpoch = 0;
function nextEpoch(): number {
  lastEpoch = Math.max(lastEpoch + 1, Date.now());
  return lastEpoch;
}

/**
 * Sends an archive. Connections that are lost are replaced until nothing was acknowledged for ten minutes.
 *
 * @throws StoreError for what the pod says; what the source throws (the pod has then removed what it had); ExecError when
 * no connection came about for long; the signal's reason
 */
export async function upload(request: UploadRequest, options: SendOptions = {}): Promise<Uploaded> {
  return new Upload(request, options).run();
}

/** One connection: what its frames wait for. */
class Link {
  greeted = false;
  /** Nothing may be sent any more. */
  closed = false;
  #wake: (() => void)[] = [];

  changed(): Promise<void> {
    return new Promise((resolve) => this.#wake.push(resolve));
  }

  wake(): void {
    const wake = this.#wake;
    this.#wake = [];
    for (const resolve of wake) resolve();
  }

  close(): void {
    this.closed = true;
    this.wake();
  }
}

class Upload {
  readonly #request: UploadRequest;
  readonly #options: SendOptions;
  readonly #cutter: SegmentCutter;
  readonly #id = randomBytes(8).toString('hex');
  /** Cut and not acknowledged, without a gap, from `#acknowledged` on. */
  #queue: Segment[] = [];
  #acknowledged = 0;
  readonly #accepted = new SegmentList();
  #exhausted = false;
  #cutting: Promise<void> | undefined;
  #sourceFailure: { readonly error: unknown } | undefined;
  #done: Uploaded | undefined;
  #size = firstSize;
  #streak = 0;
  #shrink = false;
  #reported = 0;

  constructor(request: UploadRequest, options: SendOptions) {
    this.#request = request;
    this.#options = options;
    this.#cutter = new SegmentCutter(request.open(options.signal), request.total);
  }

  async run(): Promise<Uploaded> {
    const { signal } = this.#options;
    let progressAt = performance.now();
    let before = 0;
    const hasProgressed = (): boolean => this.#acknowledged > before;
    try {
      return await retry(
        () => {
          before = this.#acknowledged;
          return this.#connect();
        },
        {
          signal,
          pauses,
          doubtfulTries,
          hasProgressed,
          onLoss: ({ error }) => {
            if (hasProgressed()) progressAt = performance.now();
            if (performance.now() - progressAt > patienceMs) throw error;
            this.#options.onReconnect?.(error);
          },
        },
      );
    } finally {
      await this.#cutting?.catch(() => undefined);
      await this.#cutter.close();
    }
  }

  async #connect(): Promise<Uploaded> {
    const { shell, command } = this.#request;
    const { signal } = this.#options;
    const link = new Link();
    const stderr = textSink();
    const before = this.#acknowledged;
    let line = '';
    let exitCode: number;
    try {
      ({ exitCode } = await shell.exec({
        command: command(this.#id, nextEpoch()),
        stdin: this.#frames(link),
        stdout: (chunk) => {
          const lines = (line + Buffer.from(chunk).toString('latin1')).split('\n');
          line = lines.pop() ?? '';
          for (const each of lines) this.#heard(each, link);
        },
        stderr: (chunk) => {
          void stderr.sink(chunk);
          // A script that has given up only waits for the end of what is on its way.
          if (stderr.text().includes(failed)) link.close();
        },
        signal,
      }));
    } finally {
      link.close();
      // Connections live too short for this size, as it seems.
      if (link.greeted && this.#acknowledged === before) this.#shrink = true;
    }
    if (this.#sourceFailure) throw this.#sourceFailure.error;
    if (this.#done) return this.#done;
    if (stderr.text().includes(failed)) throw storeErrorFrom(exitCode, stderr.text());
    // Killed in the pod, or not begun: neither is an answer.
    throw new ExecError('LOST', `the upload ended with exit code ${exitCode} before it was confirmed`);
  }

  async *#frames(link: Link): AsyncGenerator<Uint8Array, void, undefined> {
    while (!link.greeted && !link.closed) await link.changed();
    for (let at = this.#acknowledged; !link.closed;) {
      const segment = this.#queue.find((each) => each.at === at);
      if (segment) {
        yield Buffer.from(`S ${segment.length} ${segment.md5}\n`);
        for (const chunk of segment.chunks) {
          // eslint-disable-next-line @typescript-eslint/no-unnecessary-condition -- closed while the chunk before was sent
          if (link.closed) return;
          yield chunk;
          this.#report((at += chunk.length));
        }
      } else if (this.#exhausted) {
        const { count, md5 } = this.#accepted.with(this.#queue);
        yield Buffer.from(`E ${count} ${this.#cutter.sha256} ${md5}\n`);
        return;
      } else if (this.#queue.length >= windowSize) {
        await link.changed();
      } else {
        try {
          await this.#more();
        } catch (error) {
          this.#sourceFailure = { error };
          yield Buffer.from('X\n');
          return;
        }
      }
    }
  }

  /** Cuts one more segment; a connection that is lost meanwhile leaves it to the next one. */
  #more(): Promise<void> {
    this.#cutting ??= this.#cutter
      .next(this.#size)
      .then((segment) => {
        if (segment) this.#queue.push(segment);
        else this.#exhausted = true;
      })
      .finally(() => (this.#cutting = undefined));
    return this.#cutting;
  }

  #report(bytes: number): void {
    if (bytes <= this.#reported) return;
    this.#reported = bytes;
    this.#options.onProgress?.({ bytes, total: this.#request.total });
  }

  #heard(line: string, link: Link): void {
    const [, word, first = '', second = ''] = /^([HAD]) (\w+)(?: (\d+))?$/.exec(line) ?? [];
    if (word === undefined) throw new StoreError('PROTOCOL', `The pod answered ${JSON.stringify(line.slice(0, 80))}`);
    if (word === 'D') {
      this.#confirm(first, Number(second));
      link.close();
      return;
    }
    const bytes = Number(first);
    while (this.#acknowledged < bytes) this.#accept(bytes);
    if (this.#acknowledged !== bytes) {
      throw new StoreError('PROTOCOL', `The pod has ${bytes} bytes of the upload instead of ${this.#acknowledged}`);
    }
    if (word === 'H') {
      // Only now it is known which segments the pod has: the others may be cut anew.
      if (this.#shrink) {
        this.#size = Math.max(smallestSize, this.#size >> 1);
        this.#queue = resplit(this.#queue, this.#size);
        this.#streak = 0;
      }
      this.#shrink = false;
      link.greeted = true;
    }
    link.wake();
  }

  #accept(bytes: number): void {
    const segment = this.#queue.shift();
    if (!segment) throw new StoreError('PROTOCOL', `The pod acknowledged ${bytes} bytes that were not sent`);
    this.#accepted.add(segment);
    this.#acknowledged += segment.length;
    this.#streak += 1;
    if (this.#streak >= growAfter) {
      this.#streak = 0;
      this.#size = Math.min(2 * this.#size, largestSize);
    }
  }

  #confirm(sha256: string, bytes: number): void {
    if (sha256 !== this.#cutter.sha256 || bytes !== this.#request.total) {
      throw new StoreError('DAMAGED', `The pod took in another archive: ${sha256} of ${bytes} bytes`);
    }
    this.#done = { sha256, bytes };
  }
}
