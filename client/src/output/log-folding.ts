/** Folds the output of runs by its phases: what comes before the command, what the command prints, and the end. */
import {
  FoldingRange,
  FoldingRangeKind,
  languages,
  RelativePattern,
  Uri,
  type Disposable,
  type TextDocument,
} from 'vscode';
import { outputLanguage } from './output-panel.ts';
import { stampPattern } from './timestamps.ts';

/** Longer logs are folded up to here. */
const maxLines = 200_000;

/** A part of the output; both lines count from 0, the last is in it. */
export interface LogPhase {
  readonly first: number;
  readonly last: number;
}

/** The phases of each run in a text, those of one line left out. */
export function logPhases(lineCount: number, lineAt: (line: number) => string): LogPhase[] {
  const phases: LogPhase[] = [];
  let first: number | undefined;
  let isRunning = false;
  const end = (before: number): void => {
    if (first !== undefined && before - 1 > first) phases.push({ first, last: before - 1 });
    first = undefined;
  };
  const lines = Math.min(lineCount, maxLines);
  for (let line = 0; line < lines; line++) {
    const text = lineAt(line).slice(0, 200).replace(stampPattern, '');
    const isStart = /^executing run \S+ in /u.test(text);
    // What the command prints may look like it: there is one command in a run.
    const isCommand: boolean = !isRunning && first !== undefined && /^running \S/u.test(text);
    const isEnd = isRunning && /^(?:succeeded|failed(?: \(exit code \d+\))?|errored|aborted)$/u.test(text);
    if (!isStart && !isCommand && !isEnd) continue;
    end(line);
    first = line;
    isRunning = isCommand;
  }
  end(lineAt(lines - 1).trim() === '' ? lines - 1 : lines);
  return phases;
}

/** For the panel, and for logs that are open in an editor; whoever calls disposes of it. */
export function foldLogs(storageDir: string): Disposable {
  const logs = new RelativePattern(Uri.file(storageDir), 'runs/**/*.log');
  return languages.registerFoldingRangeProvider([{ language: outputLanguage }, { scheme: 'file', pattern: logs }], {
    provideFoldingRanges: (document: TextDocument) =>
      logPhases(document.lineCount, (line) => document.lineAt(line).text).map(
        ({ first, last }) => new FoldingRange(first, last, FoldingRangeKind.Region),
      ),
  });
}
