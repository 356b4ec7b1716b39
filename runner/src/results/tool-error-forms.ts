/** The forms of an error in one line, as compilers and linters print them; the surest form first. */
import type { ToolError, ToolSeverity } from './model.ts';

type Groups = Readonly<Record<string, string | undefined>>;

/** A path without blanks, quotes, colons and brackets. */
const path = String.raw`(?<file>[^\s:()'"\[\]]*[^\s:()'".\[\]])`;

interface Form {
  readonly pattern: RegExp;
  /** Where the words do not say it. */
  readonly severity?: ToolSeverity;
}

const forms: readonly Form[] = [
  // GitHub's annotations: ::error file=a.js,line=1,col=2::message
  {
    pattern:
      /^::(?<word>error|warning|notice) (?:[^:]*,)?file=(?<file>[^,:]+),line=(?<line>\d+)(?:,col=(?<column>\d+))?[^:]*::(?<message>.+)$/u,
  },
  // Maven: [ERROR] /src/A.java:[12,5] message. Kotlin: e: file:///src/A.kt:12:5 message, e: /src/A.kt: (12, 5): message
  { pattern: /^\[(?<word>ERROR|WARNING)\] (?<file>\/[^\s:]+):\[(?<line>\d+),(?<column>\d+)\] (?<message>.+)$/u },
  { pattern: /^(?<word>[ew]): (?:file:\/\/)?(?<file>\/[^\s:]+):(?<line>\d+):(?<column>\d+):? (?<message>.+)$/u },
  { pattern: /^(?<word>[ew]): (?<file>\/[^\s:]+): \((?<line>\d+), (?<column>\d+)\): (?<message>.+)$/u },
  // tsc and MSBuild: a.ts(3,14): error TS2322: message [/src/a.csproj]
  {
    pattern: new RegExp(
      String.raw`^\s*${path}\((?<line>\d+)(?:,(?<column>\d+))?(?:,\d+,\d+)?\)\s?: (?:fatal )?(?<word>error|warning|info|note)\s?(?<code>[A-Z]{1,10}\d+)?: (?<message>.*?)(?: \[[^\]]+proj\])?$`,
      'u',
    ),
  },
  // tsc --pretty: a.ts:3:14 - error TS2322: message
  {
    pattern: new RegExp(
      String.raw`^${path}:(?<line>\d+):(?<column>\d+) - (?<word>error|warning|message)(?: (?<code>TS\d+))?: (?<message>.+)$`,
      'u',
    ),
  },
  // eslint's compact format: /src/a.js: line 1, col 10, Error - message (rule)
  {
    pattern: new RegExp(
      String.raw`^${path}: line (?<line>\d+), col (?<column>\d+), (?<word>Error|Warning) - (?<message>.*?)(?: \((?<code>[^()\s]+)\))?$`,
      'u',
    ),
  },
  // A shell: ./run.sh: line 3: x: command not found
  { pattern: new RegExp(String.raw`^${path}: line (?<line>\d+): (?<message>\S.*)$`, 'u'), severity: 'error' },
  // PHP: PHP Parse error:  message in /src/a.php on line 3
  {
    pattern:
      /^(?:PHP )?(?<word>Parse error|Fatal error|Warning|Notice|Deprecated): +(?<message>.+) in (?<file>\S+\.\w+) on line (?<line>\d+)$/u,
  },
  // Perl: message at a.pl line 3.
  {
    pattern: /^(?<message>\S.*) at (?<file>[^\s:]+\.(?:pl|pm|t)) line (?<line>\d+)[.,].*$/u,
    severity: 'error',
  },
  // hadolint: Dockerfile:3 DL3008 warning: message
  {
    pattern: new RegExp(
      String.raw`^${path}:(?<line>\d+) (?<code>[A-Z]{2}\d{4}) (?<word>error|warning|info|style): (?<message>.+)$`,
      'u',
    ),
  },
  // Ruby: a.rb:12:in 'total': message (NameError)
  {
    pattern: new RegExp(
      String.raw`^${path}:(?<line>\d+):in ['${'`'}][^']*': (?<message>.*\((?<code>[A-Z]\w*(?:::\w+)*)\))$`,
      'u',
    ),
    severity: 'error',
  },
  // path:12:3: error: message of gcc, clang, javac, mypy, shellcheck, go, ruff, flake8, pylint, rubocop, golangci-lint …
  {
    pattern: new RegExp(String.raw`^\s*${path}:(?<line>\d+)(?::(?<column>\d+))?: +(?<message>\S.*)$`, 'u'),
  },
];

const severities: Readonly<Record<string, ToolSeverity>> = {
  error: 'error',
  e: 'error',
  'parse error': 'error',
  'fatal error': 'error',
  warning: 'warning',
  w: 'warning',
  note: 'info',
  notice: 'info',
  info: 'info',
  hint: 'info',
  style: 'info',
  message: 'info',
  deprecated: 'info',
};

/** What a message of the last form may begin with, and what it may end with. */
const word = /^(?:\[(?<inBrackets>error|warning)\]|(?:fatal )?(?<word>error|warning|note|info|hint|style):)\s*/iu;
/** rubocop: `C: [Correctable] Style/X: …`; pylint: `C0114: …`; flake8, ruff: `F401 …` */
const cop = /^(?<letter>[RCWEF]): (?:\[Correctable\] )?(?:(?<code>[A-Z]\w*\/\w+): )?/u;
const numbered = /^(?<code>(?<letter>[A-Z])[A-Z]{0,3}\d{3,4}):? (?:\[\*\] )?/u;
/** eslint's unix format: `… [Error/semi]`; gcc: `… [-Wunused]`; mypy: `…  [arg-type]`; shellcheck: `… [SC2086]`. */
const unix = / \[(?<word>Error|Warning)(?:\/(?<code>[^\]]+))?\]$/u;
const inBrackets = /\s+\[(?<code>-W[\w=+-]+|SC\d{4}|[a-z]+(?:-[a-z]+)*)\]$/u;
/** golangci-lint, yamllint: `… (unused)` */
const inParentheses = / \((?<code>[a-z][\w-]*(?:, [a-z][\w-]*)*)\)$/u;

/** One reader for each form: the error that a line is, if it is one. */
export const lineForms: readonly ((line: string) => ToolError | undefined)[] = forms.map((form, index) => {
  const isLast = index === forms.length - 1;
  return (line) => {
    const groups = form.pattern.exec(line)?.groups;
    if (!groups || !(Number(groups['line']) > 0)) return undefined;
    const said = isLast ? { ...groups, ...ofMessage(groups) } : groups;
    return errorOf(said, form.severity ?? severities[(said['word'] ?? '').toLowerCase()] ?? 'warning');
  };
});

function errorOf(groups: Groups, severity: ToolSeverity): ToolError {
  const { file = '', line, column, code, message = '' } = groups;
  return {
    places: [
      {
        file: file.replace(/^file:\/\//u, ''),
        line: Number(line),
        ...(column === undefined ? {} : { column: Math.max(1, Number(column)) }),
      },
    ],
    severity,
    message: message.trim(),
    ...(code === undefined || code === '' ? {} : { code }),
  };
}

/** Severity, code and text in what stands behind `path:12:3:`. */
function ofMessage({ file = '', message = '' }: Groups): Groups {
  const eslint = unix.exec(message);
  if (eslint) return { ...eslint.groups, message: message.slice(0, eslint.index) };
  const rubocop = cop.exec(message);
  if (rubocop) {
    return { ...rubocop.groups, word: ofLetter(rubocop.groups?.['letter']), message: message.slice(rubocop[0].length) };
  }
  const lint = numbered.exec(message);
  if (lint) {
    const isPylint = /^[CRWEF]\d{4}:/u.test(message);
    const letter = isPylint ? ofLetter(lint.groups?.['letter']) : 'warning';
    return { ...lint.groups, word: letter, message: message.slice(lint[0].length).replace(/ \([a-z-]+\)$/u, '') };
  }
  const said = word.exec(message)?.groups;
  const rest = message.slice(word.exec(message)?.[0].length ?? 0);
  const codeAt = inBrackets.exec(rest) ?? inParentheses.exec(rest);
  const code = codeAt?.groups?.['code'];
  // A compiler of Go has no word for it; a linter says its name.
  const unsaid = file.endsWith('.go') && code === undefined ? 'error' : 'warning';
  return {
    word: said?.['word'] ?? said?.['inBrackets'] ?? unsaid,
    code,
    message: codeAt && rest.slice(0, codeAt.index).trim() !== '' ? rest.slice(0, codeAt.index) : rest,
  };
}

function ofLetter(letter: string | undefined): string {
  return letter === 'E' || letter === 'F' ? 'error' : letter === 'W' ? 'warning' : 'info';
}
