/**
 * Lines of a task's output that name a place in a file, for the problem matcher `$concourse-task`. A matcher alone cannot
 * know which local folder an input was; so those lines whose file is there are said again at the end of the run, with
 * the path that it has on this machine, and the matcher reads these. Pure.
 */
import { localCandidates, type RunPaths } from '../output/links.ts';
import { PlainText } from '../output/plain-text.ts';

interface Mentioned {
  readonly path: string;
  /** From one. */
  readonly line: number;
  readonly column: number;
  readonly severity: 'error' | 'warning' | 'info';
  readonly message: string;
}

/** What the matcher knows these lines by: an absolute path of the container would look like one of this machine. */
const prefix = 'on this machine: ';
/** More of them help nobody. */
const maxProblems = 200;
/** Longer lines are data. */
const maxLine = 2000;

/** `path:12:3: error: message` (gcc, go, eslint's unix format …) and `path(12,3): error TS1: message` (tsc, MSBuild). */
const location =
  /^\s*(?<path>[^\s:()'"]*[^\s:()'".])(?::(?<line>\d+)(?::(?<column>\d+))?:|\((?<line2>\d+)(?:,(?<column2>\d+))?\):)\s+(?:(?:fatal )?(?<word>error|warning|note|info|hint)\b:?\s*)?(?<message>\S.*)$/iu;

const severities: Readonly<Record<string, Mentioned['severity']>> = {
  error: 'error',
  note: 'info',
  info: 'info',
  hint: 'info',
};

/** Reads the place that a line begins with; undefined for a line without. A place without a word is a warning. */
export function readLocation(line: string): Mentioned | undefined {
  if (line.length > maxLine) return undefined;
  const { path, line: a, line2: b, column: c, column2: d, word = '', message } = location.exec(line)?.groups ?? {};
  const at = Number(a ?? b);
  if (path === undefined || message === undefined || !(at > 0)) return undefined;
  return {
    path,
    line: at,
    column: Math.max(1, Number(c ?? d ?? 1)),
    severity: severities[word.toLowerCase()] ?? 'warning',
    message: message.trimEnd(),
  };
}

/** Collects the places that the output of one run names. */
export class LocalProblems {
  readonly #streams = new Map<string, { readonly text: PlainText; rest: string }>();
  readonly #found = new Map<string, Mentioned>();

  add(name: 'stdout' | 'stderr', data: Uint8Array): void {
    const stream = this.#streams.get(name) ?? { text: new PlainText(), rest: '' };
    this.#streams.set(name, stream);
    const lines = (stream.rest + stream.text.add(data)).split('\n');
    // The rest of a line that is too long is not read: it is data.
    stream.rest = (lines.pop() ?? '').slice(0, maxLine + 1);
    for (const line of lines) this.#read(line);
  }

  /**
   * The lines that the matcher reads: those whose file is there, each once, in the order of the output.
   * @param isFile is there a file at this absolute local path?
   */
  lines(paths: RunPaths, isFile: (path: string) => boolean): string[] {
    for (const { rest } of this.#streams.values()) this.#read(rest);
    return [...this.#found.values()].flatMap(({ path, line, column, severity, message }) => {
      const local = localCandidates(path, paths).find(isFile);
      return local === undefined ? [] : [`${prefix}${local}:${line}:${column}: ${severity}: ${message}`];
    });
  }

  #read(line: string): void {
    if (this.#found.size >= maxProblems) return;
    const found = readLocation(line);
    if (found) this.#found.set(line, found);
  }
}
