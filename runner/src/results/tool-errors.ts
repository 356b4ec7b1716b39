/**
 * Errors of compilers, linters and interpreters in the output of a command: each with its file, line and message. Read line
 * by line, as the output comes. Pure: whether there is such a file is for the caller to find out.
 */
import type { SourcePlace, ToolError, ToolSeverity } from './model.ts';
import { lineForms } from './tool-error-forms.ts';

/** Longer lines are data. */
const longestLine = 2000;
/** A traceback has its own code last: more frames than these are of a recursion. */
const mostFrames = 50;

const traceback = /^\s*(?:[|+] +)*Traceback \(most recent call last\):/u;
const pythonFrame = /^\s+File "(?<file>[^"]+)", line (?<line>\d+)(?:, in .+)?$/u;
const pythonError = /^(?<type>[A-Za-z_][\w.]*)(?:: (?<text>.*))?$/u;
/** `error[E0308]: mismatched types` of rustc, `F401 [*] unused` of ruff: the place is in the next line. */
const arrowHead =
  /^(?:(?<word>error|warning|note)(?:\[(?<rust>[\w:-]+)\])?: |(?<ruff>[A-Z]{1,4}\d{3,4}) (?:\[\*\] )?)(?<message>\S.*)$/u;
const arrow = /^\s*--> (?<file>[^\s:][^:]*):(?<line>\d+):(?<column>\d+)$/u;
const rustPanic = /^thread '[^']*'(?: \(\d+\))? panicked at (?<file>[^\s:][^:]*):(?<line>\d+):(?<column>\d+):$/u;
/** A line of eslint's default format, below a line that is only the file. */
const stylish =
  /^\s+(?<line>\d+):(?<column>\d+)\s+(?<word>error|warning)\s+(?<message>.*?)(?:\s{2,}(?<code>[\w@/-]+))?\s*$/u;
const onlyPath = /^(?:\/|\.{1,2}\/)?[^\s:()'"]+\.\w{1,6}$/u;
const shellcheckHead = /^In (?<file>\S.*) line (?<line>\d+):$/u;
const shellcheckNote =
  /^\s*\^(?:-*\^)?-* (?<code>SC\d{4})(?: \((?<word>error|warning|info|style)\))?: (?<message>.+)$/u;
/** pytest: what is wrong stands before the line that says where. */
const pytestReason = /^E {3,}(?<text>\S.*)$/u;
const pytestPlace = /^(?<file>[^\s:]+\.py):(?<line>\d+): (?<type>[A-Z]\w*)$/u;

/** Reads one stream; its lines come without colours and line ends. */
export class ToolErrorReader {
  readonly #onError: (error: ToolError) => void;
  #head: { readonly severity: ToolSeverity; readonly message: string; readonly code: string | undefined } | undefined;
  #file: string | undefined;
  #shellcheck: SourcePlace | undefined;
  #panic: SourcePlace | undefined;
  #reason: string | undefined;
  #frames: SourcePlace[] | undefined;

  constructor(onError: (error: ToolError) => void) {
    this.#onError = onError;
  }

  /** The next line. */
  line(text: string): void {
    if (text.length > longestLine) return;
    if (this.#python(text) || this.#arrow(text) || this.#below(text)) return;
    // All that follow begin with a path, and have a line in digits.
    if (!/\d/u.test(text)) {
      this.#file = onlyPath.test(text) ? text : text.trim() === '' ? undefined : this.#file;
      return;
    }
    if (this.#pytest(text)) return;
    for (const read of lineForms) {
      const found = read(text);
      if (!found) continue;
      this.#onError(found);
      return;
    }
    if (onlyPath.test(text)) this.#file = text;
  }

  /** Frames of Python, and the error below them. */
  #python(text: string): boolean {
    const frame = pythonFrame.exec(text)?.groups;
    if (frame) {
      this.#frames ??= [];
      if (this.#frames.length < mostFrames) this.#frames.unshift(placeOf(frame));
      return true;
    }
    if (traceback.test(text)) {
      this.#frames = [];
      return true;
    }
    if (!this.#frames) return false;
    if (text.trim() === '' || /^\s/u.test(text)) return true;
    const [first, ...others] = this.#frames;
    this.#frames = undefined;
    const found = pythonError.exec(text)?.groups;
    if (!first || !found) return false;
    const { type = '', text: why } = found;
    this.#onError({
      places: [first, ...others],
      severity: /Warning$/u.test(type) ? 'warning' : 'error',
      message: why === undefined || why === '' ? type : `${type}: ${why}`,
    });
    return true;
  }

  #arrow(text: string): boolean {
    const place = arrow.exec(text)?.groups;
    if (place) {
      const head = this.#head;
      this.#head = undefined;
      if (!head) return true;
      const { code, ...rest } = head;
      this.#onError({ places: [placeOf(place)], ...rest, ...(code === undefined ? {} : { code }) });
      return true;
    }
    if (this.#panic) {
      this.#onError({ places: [this.#panic], severity: 'error', message: `panic: ${text.trim()}` });
      this.#panic = undefined;
      return true;
    }
    const panic = rustPanic.exec(text)?.groups;
    if (panic) this.#panic = placeOf(panic);
    const head = arrowHead.exec(text)?.groups;
    this.#head = head && {
      severity: head['word'] === 'error' ? 'error' : head['word'] === 'note' ? 'info' : 'warning',
      message: head['message'] ?? '',
      code: head['rust'] ?? head['ruff'],
    };
    return panic !== undefined || head !== undefined;
  }

  /** Lines whose file stands above them. */
  #below(text: string): boolean {
    const head = shellcheckHead.exec(text)?.groups;
    if (head) {
      this.#shellcheck = placeOf(head);
      return true;
    }
    const note = this.#shellcheck && shellcheckNote.exec(text)?.groups;
    if (this.#shellcheck && note) {
      const { code = '', word, message = '' } = note;
      const severity = word === 'error' || word === 'warning' ? word : 'info';
      this.#onError({ places: [this.#shellcheck], severity, message, code });
      return true;
    }
    const found = this.#file === undefined ? undefined : stylish.exec(text)?.groups;
    if (!found || this.#file === undefined) return false;
    const { word, message = '', code } = found;
    this.#onError({
      places: [placeOf({ ...found, file: this.#file })],
      severity: word === 'error' ? 'error' : 'warning',
      message,
      ...(code === undefined ? {} : { code }),
    });
    return true;
  }

  #pytest(text: string): boolean {
    const reason = pytestReason.exec(text)?.groups?.['text'];
    if (reason !== undefined) {
      this.#reason ??= reason;
      return true;
    }
    const place = pytestPlace.exec(text)?.groups;
    if (!place || this.#reason === undefined) return false;
    this.#onError({ places: [placeOf(place)], severity: 'error', message: this.#reason });
    this.#reason = undefined;
    return true;
  }
}

function placeOf(groups: Readonly<Record<string, string | undefined>>): SourcePlace {
  const { file = '', line, column } = groups;
  return {
    file,
    line: Math.max(1, Number(line)),
    ...(column === undefined ? {} : { column: Math.max(1, Number(column)) }),
  };
}
