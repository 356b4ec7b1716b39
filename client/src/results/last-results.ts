/** The last result of each task of this workspace: remembered, and shown above the task. */
import * as l10n from '@vscode/l10n';
import {
  CodeLens,
  EventEmitter,
  languages,
  Range,
  type CodeLensProvider,
  type Disposable,
  type Memento,
  type TextDocument,
} from 'vscode';
import { formatDuration } from '#runner/format';
import { isOver, startMs, type RunModel } from '../runs/run-model.ts';
import type { RunMemory } from '../runs/run-memory.ts';
import type { RunStore } from '../runs/run-store.ts';
import { stateText } from '../runs/run-words.ts';
import { agoText } from '../views/format.ts';

/** What is remembered of the newest run of a task that has ended. */
export interface LastResult {
  readonly run: string;
  readonly state: RunModel['state'];
  readonly exitCode?: number;
  readonly durationMs?: number;
  /** Milliseconds since the epoch. */
  readonly endedAt: number;
}

const key = 'tarmac.lastResults';
const maxTasks = 200;
/** The age in the text goes on by the minute. */
const tickMs = 60_000;

/** By URI of the task, whose fragment is the step of a pipeline. */
export type LastResults = Readonly<Record<string, LastResult>>;

/** What is remembered after a run has ended: the newest run of a task counts, and the tasks that ran last stay. */
export function withResult(known: LastResults, task: string, result: LastResult): LastResults {
  const { [task]: former, ...others } = known;
  if (former && former.run !== result.run && former.endedAt > result.endedAt) return known;
  const all: [string, LastResult][] = [[task, result], ...Object.entries(others)];
  return Object.fromEntries(all.slice(0, maxTasks));
}

/** `✓ 8.0s · 2 minutes ago`, `✗ failed (3) · 12.0s · just now`. */
export function resultText({ state, exitCode, durationMs, endedAt }: LastResult, now: number): string {
  const sign = state === 'succeeded' ? '$(pass)' : state === 'aborted' ? '$(circle-slash)' : '$(error)';
  const code = exitCode === undefined || exitCode === 0 ? '' : ` (${exitCode})`;
  const parts = [
    state === 'succeeded' ? '' : `${stateText(state)}${code}`,
    durationMs === undefined ? '' : formatDuration(durationMs),
    agoText(endedAt, now),
  ];
  return `${sign} ${parts.filter((part) => part !== '').join(' · ')}`;
}

/** The line above which a task's own lens stands: its first line that is neither blank, a comment nor the start of the document. */
export function firstLine(text: string): number {
  const lines = text.split('\n');
  const found = lines.findIndex((line) => !/^\s*(?:#.*|---.*|%.*)?$/u.test(line));
  return Math.max(0, found);
}

/** The results of a file and the lines above which they stand: of a task, or of the steps of a pipeline. */
export function resultLines(
  all: LastResults,
  uri: string,
  text: string,
): readonly { readonly line: number; readonly result: LastResult }[] {
  return Object.entries(all).flatMap(([task, result]) => {
    if (task === uri) return [{ line: firstLine(text), result }];
    if (!task.startsWith(`${uri}#`)) return [];
    const name = decodeURIComponent(task.slice(uri.length + 1));
    const step = /^\s*(?:- +)*task: *(?<name>"[^"]*"|'[^']*'|[^#\s][^#]*?)\s*(?:#.*)?$/u;
    const line = text
      .split('\n')
      .findIndex((each) => step.exec(each)?.groups?.['name']?.replaceAll(/^["']|["']$/gu, '') === name);
    return line < 0 ? [] : [{ line, result }];
  });
}

export interface LastResultsParts {
  readonly store: Pick<RunStore, 'get' | 'onDidChange'>;
  readonly memory: Pick<RunMemory, 'get'>;
  readonly memento: Memento;
  /** Language ids of files that may be tasks. */
  readonly languages: readonly string[];
  readonly isShown: (document: TextDocument) => boolean;
}

/** Whoever makes it disposes of it. */
export class LastResultLenses implements CodeLensProvider, Disposable {
  readonly #parts: LastResultsParts;
  readonly #changed = new EventEmitter<void>();
  readonly onDidChangeCodeLenses = this.#changed.event;
  readonly #owned: Disposable[];
  #timer: NodeJS.Timeout | undefined;

  constructor(parts: LastResultsParts) {
    this.#parts = parts;
    const selector = parts.languages.map((language) => ({ language, scheme: 'file' }));
    this.#owned = [
      languages.registerCodeLensProvider(selector, this),
      parts.store.onDidChange(({ added, changed }) => {
        for (const id of [...added, ...changed]) this.#note(id);
      }),
    ];
  }

  provideCodeLenses(document: TextDocument): CodeLens[] {
    if (!this.#parts.isShown(document)) return [];
    const found = resultLines(this.#all, document.uri.toString(), document.getText());
    if (found.length > 0) this.#timer ??= setInterval(() => this.#changed.fire(), tickMs).unref();
    return found.map(({ line, result }) => {
      return new CodeLens(new Range(line, 0, line, 0), {
        title: resultText(result, Date.now()),
        tooltip: l10n.t('The last run of this task here was {0}. Show its output.', result.run),
        command: 'tarmac.showOutput',
        arguments: [result.run],
      });
    });
  }

  dispose(): void {
    clearInterval(this.#timer);
    for (const each of this.#owned) each.dispose();
    this.#changed.dispose();
  }

  get #all(): LastResults {
    return this.#parts.memento.get<LastResults>(key, {});
  }

  #note(id: string): void {
    const run = this.#parts.store.get(id);
    const task = this.#parts.memory.get(id)?.taskUri;
    if (!run || task === undefined || !isOver(run.state) || run.state === 'lost' || run.state === 'spare') return;
    const { state, exitCode, durationMs } = run;
    const known = this.#all;
    if (known[task]?.run === id && known[task].state === state) return;
    const result: LastResult = {
      ...{ run: id, state, endedAt: (startMs(run) ?? 0) + (durationMs ?? 0) },
      ...(exitCode === undefined ? {} : { exitCode }),
      ...(durationMs === undefined ? {} : { durationMs }),
    };
    const next = withResult(known, task, result);
    if (next === known) return;
    void this.#parts.memento.update(key, next);
    this.#changed.fire();
  }
}
