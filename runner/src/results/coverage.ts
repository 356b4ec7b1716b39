/** Coverage reports in one shape: lcov, Cobertura, JaCoCo, Clover and the profiles of Go. Pure, and read as they come. */
import { LineReader } from './lines.ts';
import { numberOf, XmlReader } from './xml.ts';

export const coverageFormats = ['lcov', 'cobertura', 'jacoco', 'clover', 'go-cover'] as const;
export type CoverageFormat = (typeof coverageFormats)[number];

/** A function, method or procedure of a file. */
export interface CoveredFunction {
  readonly name: string;
  /** 1-based. */
  readonly line: number;
  /** How often it ran. */
  readonly hits: number;
}

/** What ran of a file. */
export interface FileCoverage {
  /** As the report names it: a path in the container, or relative to some directory there. */
  readonly file: string;
  /** How often each line ran that can run; 1-based. A line of several parts has the count of the part that ran most. */
  readonly lines: ReadonlyMap<number, number>;
  /** Branches of a line, where the report has them. */
  readonly branches: ReadonlyMap<number, { readonly covered: number; readonly total: number }>;
  /** Where the report has them. */
  readonly functions: readonly CoveredFunction[];
}

export interface CoverageReader {
  write(text: string): void;
  /** There is no more: what was read, by file, and what is wrong with the report. */
  end(): { readonly files: readonly FileCoverage[]; readonly problems: readonly string[] };
}

/** A report that claims more than this is broken, or made to fill the memory. */
const most = { entries: 3_000_000, linesOfABlock: 50_000, name: 500 } as const;

interface OpenFile {
  readonly lines: Map<number, number>;
  readonly branches: Map<number, { covered: number; total: number }>;
  /** By name and line. */
  readonly functions: Map<string, { name: string; line: number; hits: number }>;
}

/** Lines and branches by file, in the order of the report; a file that comes twice is one. */
class Files {
  readonly #files = new Map<string, OpenFile>();
  #entries = 0;

  /** Why something was left out; undefined when nothing was. */
  get problem(): string | undefined {
    return this.#entries > most.entries ? `Only its first ${most.entries} lines were read.` : undefined;
  }

  line(file: string, line: number, hits: number): void {
    if (file === '' || !Number.isInteger(line) || line < 1 || ++this.#entries > most.entries) return;
    const { lines } = this.#of(file);
    lines.set(line, Math.max(lines.get(line) ?? 0, hits));
  }

  branch(file: string, line: number, covered: number, total: number): void {
    if (file === '' || !(total >= 1) || !(line >= 1) || ++this.#entries > most.entries) return;
    const { branches } = this.#of(file);
    const known = branches.get(line) ?? { covered: 0, total: 0 };
    branches.set(line, { covered: known.covered + covered, total: known.total + total });
  }

  function(file: string, name: string, line: number, hits: number): void {
    if (file === '' || !(line >= 1) || ++this.#entries > most.entries) return;
    const { functions } = this.#of(file);
    const key = `${line} ${name}`;
    const known = functions.get(key) ?? { name: name.slice(0, most.name), line, hits: 0 };
    functions.set(key, { ...known, hits: known.hits + (Number.isFinite(hits) ? hits : 0) });
  }

  get all(): readonly FileCoverage[] {
    return [...this.#files].map(([file, { lines, branches, functions }]) => ({
      ...{ file, lines, branches },
      functions: [...functions.values()],
    }));
  }

  #of(file: string): OpenFile {
    const known = this.#files.get(file) ?? { lines: new Map(), branches: new Map(), functions: new Map() };
    this.#files.set(file, known);
    return known;
  }
}

/** The format of a report by the beginning of its text; undefined for what is none. */
export function coverageFormatOf(head: string): CoverageFormat | undefined {
  const text = head.replace(/^\ufeff/u, '');
  if (/^mode: (?:set|count|atomic)$/mu.test(text.slice(0, 40))) return 'go-cover';
  if (/^(?:TN:.*\r?\n)?SF:/mu.test(text)) return 'lcov';
  if (!/^\s*</u.test(text)) return undefined;
  const root = /<(report|coverage)\b([^>]*)>/u.exec(text.replaceAll(/<!--[\s\S]*?-->|<\?[\s\S]*?\?>|<!\w[^>]*>/gu, ''));
  if (root?.[1] === 'report') return 'jacoco';
  if (root?.[1] !== 'coverage') return undefined;
  return /\bclover=|\bgenerated=/u.test(root[2] ?? '') ? 'clover' : 'cobertura';
}

/** A reader of one format. */
export function coverageReader(format: CoverageFormat): CoverageReader {
  const files = new Files();
  if (format === 'lcov') return linesOf(files, lcov(files), 'There is no file (SF:) in it.');
  if (format === 'go-cover') return linesOf(files, goProfile(files), 'There is no block of a Go profile in it.');
  const handlers = { cobertura, jacoco, clover } as const;
  const open = handlers[format](files);
  const xml = new XmlReader({ open, text: () => undefined, close: () => undefined });
  return {
    write: (text) => xml.write(text),
    end() {
      xml.end();
      return { files: files.all, problems: [xml.problem, files.problem].filter((each) => each !== undefined) };
    },
  };
}

function linesOf(files: Files, onLine: (line: string) => void, empty: string): CoverageReader {
  const lines = new LineReader(onLine);
  return {
    write: (text) => lines.write(text),
    end() {
      lines.end();
      const problem = files.all.length === 0 ? empty : files.problem;
      return { files: files.all, problems: problem === undefined ? [] : [problem] };
    },
  };
}

function lcov(files: Files): (line: string) => void {
  let file = '';
  /** Lines by the name of the function: how often it ran comes apart. */
  const starts = new Map<string, number>();
  return (line) => {
    const [, key, value = ''] = /^([A-Z]+):(.*)$/u.exec(line.trim()) ?? [];
    if (key === 'SF') {
      file = value;
      starts.clear();
    }
    const parts = value.split(',');
    if (key === 'FN') {
      // `FN:line,name`, or `FN:line,last line,name`.
      const name = parts.slice(/^\d+$/u.test(parts[1] ?? '') && parts.length > 2 ? 2 : 1).join(',');
      starts.set(name, Number(parts[0]));
      files.function(file, name, Number(parts[0]), 0);
    }
    if (key === 'FNDA') {
      const name = parts.slice(1).join(',');
      files.function(file, name, starts.get(name) ?? 0, Number(parts[0]));
    }
    if (key === 'DA') files.line(file, Number(parts[0]), Number(parts[1]));
    if (key === 'BRDA') files.branch(file, Number(parts[0]), Number(parts[3]) > 0 ? 1 : 0, 1);
  };
}

/** `example.com/shop/cart.go:10.2,12.16 2 1`: from, to, statements, count. */
function goProfile(files: Files): (line: string) => void {
  return (line) => {
    const match = /^(.+):(\d+)\.\d+,(\d+)\.(\d+) \d+ (\d+)$/u.exec(line.trim());
    if (!match) return;
    const [file = '', from, to, endColumn, hits] = match.slice(1);
    // A block that ends at the beginning of a line has nothing of it.
    const end = Number(endColumn) <= 1 ? Number(to) - 1 : Number(to);
    const last = Math.min(end, Number(from) + most.linesOfABlock);
    for (let at = Number(from); at <= last; at++) files.line(file, at, Number(hits));
  };
}

type OpenElement = (name: string, attributes: Readonly<Record<string, string>>) => void;

function cobertura(files: Files): OpenElement {
  let file = '';
  /** A line is told in its method, and again in its class. */
  const told = new Set<string>();
  /** The method whose first line comes next. */
  let method = '';
  return (name, attributes) => {
    if (name === 'class') file = attributes['filename'] ?? '';
    if (name === 'method') method = attributes['name'] ?? '';
    if (name !== 'line') return;
    const line = numberOf(attributes['number']) ?? 0;
    if (method !== '') files.function(file, method, line, numberOf(attributes['hits']) ?? 0);
    method = '';
    files.line(file, line, numberOf(attributes['hits']) ?? 0);
    const [, covered, total] = /\((\d+)\/(\d+)\)/u.exec(attributes['condition-coverage'] ?? '') ?? [];
    if (covered === undefined || told.has(`${line} ${file}`)) return;
    told.add(`${line} ${file}`);
    files.branch(file, line, Number(covered), Number(total));
  };
}

function jacoco(files: Files): OpenElement {
  let [folder, file] = ['', ''];
  let source = '';
  let method: { readonly name: string; readonly line: number } | undefined;
  const inFolder = (name: string): string => [folder, name].filter((part) => part !== '').join('/');
  return (name, attributes) => {
    if (name === 'package') folder = attributes['name'] ?? '';
    if (name === 'class') source = attributes['sourcefilename'] ?? '';
    if (name === 'method') method = { name: attributes['name'] ?? '', line: numberOf(attributes['line']) ?? 0 };
    if (name === 'counter' && attributes['type'] === 'METHOD' && method && source !== '') {
      // Of a class or a package there is a sum of the same name.
      files.function(inFolder(source), method.name, method.line, (numberOf(attributes['covered']) ?? 0) > 0 ? 1 : 0);
      method = undefined;
    }
    if (name === 'sourcefile') file = inFolder(attributes['name'] ?? '');
    if (name !== 'line') return;
    const of = (key: string): number => numberOf(attributes[key]) ?? 0;
    // It counts instructions, not how often they ran.
    files.line(file, of('nr'), of('ci') > 0 ? 1 : 0);
    files.branch(file, of('nr'), of('cb'), of('cb') + of('mb'));
  };
}

function clover(files: Files): OpenElement {
  let file = '';
  return (name, attributes) => {
    if (name === 'file') file = attributes['path'] ?? attributes['name'] ?? '';
    if (name !== 'line') return;
    const of = (key: string): number => numberOf(attributes[key]) ?? 0;
    const isCond = attributes['type'] === 'cond';
    if (attributes['type'] === 'method') files.function(file, attributes['name'] ?? '', of('num'), of('count'));
    const [yes, no] = [of('truecount'), of('falsecount')];
    files.line(file, of('num'), isCond ? yes + no : of('count'));
    if (isCond) files.branch(file, of('num'), Number(yes > 0) + Number(no > 0), 2);
  };
}
