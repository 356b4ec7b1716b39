/** What is written down of each start of a leaf, so that another process can go on where this one ended. */
import { Cancelled, DeadlineExceeded, type StepContext } from './context.ts';
import type { LeafOutcome } from './leaf-session.ts';
import type { LeafRun } from './leaves.ts';
import { contains, isCancel, isDeadline, Retriable } from './outcome.ts';
import { Scope, type StepArtifact } from './scope.ts';
import type { Value } from '../values/values.ts';

/** What a leaf left for the steps after it. */
export interface LeafEffects {
  readonly artifacts: ReadonlyMap<string, StepArtifact>;
  /** Local vars whose values may be shown. */
  readonly vars: ReadonlyMap<string, Value>;
  /** Names of local vars whose values nothing may show: they are read again. */
  readonly hidden: readonly string[];
}

/** How an error is remembered: what ended the step, and its text. */
export interface PastError {
  readonly kind: 'cancelled' | 'deadline' | 'retriable' | 'error';
  readonly message: string;
}

/** How a leaf ended. */
export interface LeafEnd extends LeafEffects {
  readonly outcome: Omit<LeafOutcome, 'error'> & { readonly error?: PastError };
}

/** A start of a leaf that a former client has written down. */
export interface PastLeaf {
  readonly id: string;
  /** When its process began, in milliseconds since the epoch. */
  readonly began?: number;
  /** Absent for one that ran when the client ended. */
  readonly end?: LeafEnd & { readonly at: number; readonly errors: readonly string[] };
}

/** Keeps what happens to the leaves. */
export interface Journal {
  /** What is known of this start from a former client. */
  past(key: string): PastLeaf | undefined;
  /** A leaf starts; the promise is waited for before it does anything. */
  started(key: string, run: LeafRun): void;
  ended(run: LeafRun, end: LeafEnd): void;
  /** Something of the past is read again: its clock stands still until the result is disposed of. */
  hold(): Disposable;
}

/** Passes everything on to the scope around, and remembers it. */
export class RecordingScope extends Scope {
  readonly #around: Scope;
  readonly #artifacts = new Map<string, StepArtifact>();
  readonly #vars = new Map<string, Value>();
  readonly #hidden = new Set<string>();

  constructor(around: Scope) {
    super(around);
    this.#around = around;
  }

  override registerArtifact(name: string, artifact: StepArtifact): void {
    this.#artifacts.set(name, artifact);
    this.#around.registerArtifact(name, artifact);
  }

  override setVar(name: string, value: Value, secret: boolean): void {
    if (secret) this.#hidden.add(name);
    else this.#vars.set(name, value);
    this.#around.setVar(name, value, secret);
  }

  /** What was registered here. */
  get effects(): LeafEffects {
    return { artifacts: this.#artifacts, vars: this.#vars, hidden: [...this.#hidden] };
  }
}

/** An error as it is remembered. */
export function pastError(error: Error): PastError {
  const { message } = error;
  if (contains(error, Retriable)) return { kind: 'retriable', message };
  return { kind: isCancel(error) ? 'cancelled' : isDeadline(error) ? 'deadline' : 'error', message };
}

/** A remembered error, as the steps around the leaf see it. */
export function errorOf({ kind, message }: PastError, context: StepContext): Error {
  if (kind === 'error') return new Error(message);
  if (kind === 'retriable') return new Retriable(new Error(message));
  return context.error ?? (kind === 'cancelled' ? new Cancelled() : new DeadlineExceeded());
}
