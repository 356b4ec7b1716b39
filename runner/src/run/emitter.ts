/** Gives events their run and time, measures spans, and holds back whoever emits while a consumer is slow. */
import { errorText } from '../model/format.ts';
import { EventRedactor } from '../redact/redact-events.ts';
import {
  spanNames,
  type EventAttributes,
  type RunEvent,
  type RunEventBody,
  type RunEventSink,
  type SpanName,
  type SpanOutcome,
} from '../model/events.ts';

/** What a person reads for each span; the summary of a run shows these. */
const labels: Record<SpanName, string> = {
  [spanNames.run]: 'total',
  [spanNames.check]: 'check',
  [spanNames.snapshot]: 'scan inputs',
  [spanNames.create]: 'create pod',
  [spanNames.wait]: 'start pod',
  [spanNames.schedule]: 'schedule',
  [spanNames.pull]: 'pull images',
  [spanNames.fetchInputs]: 'unpack inputs',
  [spanNames.streamIn]: 'upload inputs',
  [spanNames.exec]: 'run',
  [spanNames.streamOut]: 'save outputs',
  [spanNames.download]: 'download outputs',
  [spanNames.cleanUp]: 'clean up',
};

/** One phase of a run that goes on. Whoever starts it ends it; leaving its scope without `end` means it failed. */
export interface Span extends Disposable {
  readonly id: number;
  /** Ends the span once; later calls do nothing. */
  end(outcome?: SpanOutcome, attributes?: EventAttributes): void;
}

/** Emits the events of one run, in order. */
export class RunEmitter {
  readonly run: string;
  /** Keeps secrets from the consumers, and from what is remembered of the run. */
  readonly redactor: EventRedactor;
  readonly phases: { label: string; durationMs: number }[] = [];
  #sinks: RunEventSink[];
  #spans = 0;
  #pending: Promise<void> = Promise.resolve();

  /** @param secrets what no consumer gets to see */
  constructor(run: string, sinks: readonly RunEventSink[], secrets: readonly string[] = []) {
    this.run = run;
    this.redactor = new EventRedactor(secrets);
    this.#sinks = [...sinks];
  }

  /** Hands the event to all consumers. The promise settles when the slowest has taken it; it never rejects. */
  emit(body: RunEventBody): Promise<void> {
    for (const event of this.redactor.events({ ...body, run: this.run, time: new Date().toISOString() })) {
      this.#tell(event);
    }
    return this.#pending;
  }

  #tell(event: RunEvent): void {
    const taken: Promise<void>[] = [];
    for (const sink of this.#sinks) {
      try {
        const result = sink(event);
        if (result) taken.push(result.catch((error: unknown) => this.#drop(sink, error)));
      } catch (error) {
        this.#drop(sink, error);
      }
    }
    if (taken.length > 0) this.#pending = Promise.all([this.#pending, ...taken]).then(() => undefined);
  }

  /** A consumer that throws has a fault of its own: it gets nothing more, and the others are told. The run goes on. */
  #drop(sink: RunEventSink, error: unknown): void {
    if (!this.#sinks.includes(sink)) return;
    this.#sinks = this.#sinks.filter((each) => each !== sink);
    void this.emit({
      type: 'warning',
      message: `a view of this run failed: ${errorText(error)}`,
    });
  }

  note(message: string): void {
    void this.emit({ type: 'note', message });
  }

  /** Settles when every consumer has taken every event so far. */
  drained(): Promise<void> {
    return this.#pending;
  }

  /** Starts a span. `startedAt` (performance.now()) is for spans that are known only afterwards, from pod events. */
  start(name: SpanName, parent?: Span, startedAt = performance.now()): Span {
    const id = ++this.#spans;
    const label = labels[name];
    const phase = { label, durationMs: 0 };
    if (name !== spanNames.run) this.phases.push(phase);
    void this.emit({ type: 'span-started', span: id, name, label, ...(parent ? { parent: parent.id } : {}) });
    let ended = false;
    const end = (outcome: SpanOutcome = 'ok', attributes: EventAttributes = {}): void => {
      if (ended) return;
      ended = true;
      const durationMs = Math.round(performance.now() - startedAt);
      phase.durationMs = durationMs;
      void this.emit({ type: 'span-ended', span: id, name, label, durationMs, outcome, attributes });
    };
    return { id, end, [Symbol.dispose]: () => end('failed') };
  }

  /** Runs `work` within a span: ends it as ok, or as failed when `work` throws. `work` may end it first, in its own words. */
  async within<T>(name: SpanName, parent: Span | undefined, work: (span: Span) => Promise<T>): Promise<T> {
    using span = this.start(name, parent);
    const result = await work(span);
    span.end('ok');
    return result;
  }
}
