/** What a login program says to the person in front of it while it waits: shown line by line, without secrets. */

/** A line that a login program printed for a person. */
export interface LoginNotice {
  /** The program, as the kubeconfig names it. */
  readonly program: string;
  /** One line without its end, without tokens. */
  readonly line: string;
  /** The page to open, where the line names one. */
  readonly address?: string;
  /** The code to enter there, where the line names one. */
  readonly code?: string;
  /** Ends the login: the program is killed. */
  readonly cancel: () => void;
}

/** A line that is not ended is shown when nothing has followed it for so long: a prompt. */
const promptMs = 200;
const mostLine = 4_000;

/** Cuts a stream into lines and tells each as it comes. */
export class LineTeller implements Disposable {
  readonly #tell: (line: string) => void;
  #held = '';
  #timer: NodeJS.Timeout | undefined;

  constructor(tell: (line: string) => void) {
    this.#tell = tell;
  }

  write(text: string): void {
    clearTimeout(this.#timer);
    const lines = (this.#held + text).split(/\r?\n|\r/u);
    this.#held = (lines.pop() ?? '').slice(0, mostLine);
    for (const line of lines) this.#say(line);
    if (this.#held !== '') this.#timer = setTimeout(() => this.flush(), promptMs);
  }

  /** Tells what has no line end yet. */
  flush(): void {
    clearTimeout(this.#timer);
    const rest = this.#held;
    this.#held = '';
    this.#say(rest);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#held = '';
  }

  #say(line: string): void {
    if (line.trim() !== '') this.#tell(line.slice(0, mostLine));
  }
}

/** A line without what looks like a token or a password. */
export function withoutTokens(line: string): string {
  return line
    .replaceAll(/\beyJ[\w-]{5,}(?:\.[\w-]*){0,4}/gu, '***')
    .replaceAll(/\b(Bearer\s+)\S+/giu, '$1***')
    .replaceAll(/((?:token|secret|password|passwd|assertion)["']?\s*[:=]\s*["']?)[^\s"'&,;]+/giu, '$1***')
    .replaceAll(/[\w+/-]{60,}={0,2}/gu, (text) => (/^[\w/-]*$/u.test(text) && text.includes('/') ? text : '***'));
}

/** The page and the code that a line asks a person to use. */
export function loginRequest(line: string): { readonly address?: string; readonly code?: string } {
  const address = /https?:\/\/[^\s<>"'`]+/u.exec(line)?.[0].replace(/[.,;:!?)\]]+$/u, '');
  const code = /\bcode(?:\s+is)?\s*[:=]?\s*["'`]?([A-Z0-9]{2,}(?:-[A-Z0-9]{2,})*)\b/u.exec(line)?.[1];
  return { ...(address === undefined ? {} : { address }), ...(code === undefined ? {} : { code }) };
}
