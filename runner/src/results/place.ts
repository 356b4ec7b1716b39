/** The line of a source file in what a framework says of a failure. */
import type { SourcePlace } from './model.ts';

/** What else is known of the test, to choose between several lines. */
export interface PlaceHints {
  readonly file?: string | undefined;
  readonly className?: string | undefined;
}

/** Each names `file`, `line` and maybe `column`. The first kind that is found counts, so the surest is first. */
const kinds: readonly RegExp[] = [
  // Python: File "/src/a.py", line 12
  /\bFile "(?<file>[^"\n]+)", line (?<line>\d+)/gu,
  // .NET: in /src/A.cs:line 12
  /\bin (?<file>[^\n]+?\.\w+):line (?<line>\d+)/gu,
  // Perl: at t/a.t line 12. bats: (in test file test/a.bats, line 12)
  /\b(?:at|in test file|in file) (?<file>[^\s,]+),? line (?<line>\d+)/gu,
  // Java, Kotlin, Scala: at a.b.CTest.name(CTest.java:12)
  /\bat (?<frame>[\w.$/@]+)\((?<file>[\w$-]+\.(?:java|kt|kts|scala|groovy)):(?<line>\d+)\)/gu,
  // What stands in brackets: JavaScript's frames, "at name (file:///src/a.ts:12:5)"
  /\((?<file>(?:file:\/\/)?[^\s()]+\.\w+):(?<line>\d+):(?<column>\d+)\)/gu,
  // A frame without brackets: at file:///src/a.ts:12:5
  /\bat (?:async )?(?<file>(?:file:\/\/)?[^\s()]+\.\w+):(?<line>\d+):(?<column>\d+)/gu,
  // path.ext:12 or path.ext:12:5, as most others have it
  /(?:^|[\s('"#❯[])(?<file>(?:file:\/\/)?(?:[A-Za-z]:)?[\w@./\\+-]*[\w-]+\.[A-Za-z]\w{0,4}):(?<line>\d+)(?::(?<column>\d+))?(?!\d)/gmu,
];

/** Code of frameworks and libraries: a failure is in none of it. */
const foreign =
  /node_modules|node:|internal\/|site-packages|dist-packages|[\\/]vendor[\\/]|[\\/]gems[\\/]|[\\/]usr[\\/]lib|[\\/]rustc[\\/]|_pytest|^<|^(?:junit|org\.junit|java\.|jdk\.|sun\.|org\.gradle|org\.apache\.maven|org\.testng|org\.opentest4j)/u;

/** Enough of a stack; the rest of it is of the framework. */
const searched = 16 * 1024;

/** The place of a failure; undefined where the text names none. */
export function placeIn(text: string, { file, className }: PlaceHints = {}): SourcePlace | undefined {
  const head = text.slice(0, searched);
  // ExUnit names the line of the test first, and then the stack.
  const stack = /^ *stacktrace:$/mu.exec(head);
  const inStack = stack ? placeInStack(head.slice(stack.index + stack[0].length), { file, className }) : undefined;
  return inStack ?? placeInStack(head, { file, className });
}

function placeInStack(start: string, { file, className }: PlaceHints): SourcePlace | undefined {
  for (const kind of kinds) {
    const found = [...start.matchAll(kind)].map(({ groups }) => groups ?? {});
    const own = found.filter(({ frame, file: path }) => !foreign.test(frame ?? '') && !foreign.test(path ?? ''));
    // In Python the innermost frame is last, everywhere else it is first.
    const ordered = kind === kinds[0] || isPytest(start) ? own.toReversed() : own;
    const best =
      ordered.find((each) => file !== undefined && file !== '' && isSameFile(each['file'] ?? '', file)) ??
      ordered.find(({ frame }) => className !== undefined && className !== '' && frame?.startsWith(`${className}.`)) ??
      ordered[0];
    if (best) return placeOf(best);
  }
  return undefined;
}

/** pytest ends each part of its traceback with `path:line: Error`; the last one is where it was raised. */
function isPytest(text: string): boolean {
  return /^\S+\.py:\d+: /mu.test(text);
}

function placeOf(groups: Readonly<Record<string, string | undefined>>): SourcePlace {
  const { frame, file = '', line, column } = groups;
  return {
    file: frame === undefined ? file.replace(/^file:\/\//u, '') : javaFile(frame, file),
    line: Math.max(1, Number(line)),
    ...(column === undefined ? {} : { column: Math.max(1, Number(column)) }),
  };
}

/** `a.b.CTest.name` and `CTest.java`: the file is in the folder of its package. */
function javaFile(frame: string, file: string): string {
  const packages = frame
    .slice(frame.lastIndexOf('/') + 1)
    .split('.')
    .slice(0, -2);
  const folders = packages.filter((part) => /^[a-z_]/u.test(part));
  return [...folders, file].join('/');
}

function isSameFile(path: string, known: string): boolean {
  const [a, b] = [path, known].map((each) => each.replaceAll('\\', '/').replace(/^\.\//u, ''));
  return a === b || (a ?? '').endsWith(`/${b ?? ''}`) || (b ?? '').endsWith(`/${a ?? ''}`);
}
