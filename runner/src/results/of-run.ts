/**
 * The reports of a run: test results and coverage in files of its outputs and in its log, and pages. Where they lie is for
 * the caller to say. What a task left is not trusted: files, sizes and numbers of things are bounded.
 */
import type { ArtifactMember } from '../store/members.ts';
import { coverageFormatOf, coverageReader, type CoverageFormat, type FileCoverage } from './coverage.ts';
import type { TestFormat, TestReport, TestResult } from './model.ts';
import { headLength, inSlices, readTests, testFormatOf } from './read.ts';

/** Where a run's outputs and log are read. */
export interface ReportSource {
  /** Names of the outputs. */
  readonly outputs: readonly string[];
  members(output: string): Promise<readonly Pick<ArtifactMember, 'path' | 'type' | 'size'>[]>;
  readFile(output: string, path: string, sink: ReportSink): Promise<void>;
  /** What the command printed on stdout; undefined where it is not kept. */
  readonly readLog?: ((sink: ReportSink) => Promise<void>) | undefined;
}

/** Takes a piece; false when nothing more is wanted, so that who can end there does. */
export type ReportSink = (chunk: Uint8Array) => boolean;

/** A report, where it is, and its results. */
export interface FoundReport extends TestReport {
  /** `OUTPUT/PATH`, or `log`. */
  readonly path: string;
  readonly tests: readonly TestResult[];
}

/** A coverage report, where it is, and what it says of each file. */
export interface FoundCoverage {
  /** `OUTPUT/PATH`. */
  readonly path: string;
  readonly format: CoverageFormat;
  readonly files: readonly FileCoverage[];
  readonly problems: readonly string[];
}

/** Everything that a run left for a person to look at. */
export interface FoundResults {
  readonly tests: readonly FoundReport[];
  readonly coverage: readonly FoundCoverage[];
  /** HTML pages: the output and the path in it, those that begin something first. */
  readonly pages: readonly { readonly output: string; readonly path: string }[];
}

/** Reports have these names; what is in them decides. */
const testNames = /\.(?:xml|trx|tap|json|jsonl|ndjson)$/iu;
const coverageNames =
  /\.(?:xml|info|lcov|out|cov|cover|coverprofile)$|(?:^|\/)(?:coverage|cover|lcov)[^/]*\.(?:txt|dat)$/iu;
const pageNames = /\.html?$/iu;
/** Larger files are data of something else. */
const largest = 256 * 1024 * 1024;
/** So many files are looked at, and so much of them is read. */
const most = { files: 2000, bytes: 1024 * 1024 * 1024, pages: 500 } as const;
/** A log may have much in it before the first test. */
const logHead = 1024 * 1024;

/** The test reports, one after the other, in the order of outputs and paths; the log, where there is none. */
export async function findReports(source: ReportSource, signal?: AbortSignal): Promise<readonly FoundReport[]> {
  return (await find(source, { coverage: false }, signal)).tests;
}

/** Test reports, coverage and pages, in the order of outputs and paths. */
export async function findResults(source: ReportSource, signal?: AbortSignal): Promise<FoundResults> {
  return await find(source, { coverage: true }, signal);
}

async function find(
  source: ReportSource,
  wanted: { readonly coverage: boolean },
  signal: AbortSignal | undefined,
): Promise<FoundResults> {
  const tests: FoundReport[] = [];
  const coverage: FoundCoverage[] = [];
  const pages: { output: string; path: string }[] = [];
  let [files, bytes] = [0, 0];
  for (const output of source.outputs) {
    for (const { path, type, size } of await source.members(output)) {
      if (type !== 'file' || size === 0 || size > largest) continue;
      if (pageNames.test(path) && pages.length < most.pages) pages.push({ output, path });
      const mayBe = { tests: testNames.test(path), coverage: wanted.coverage && coverageNames.test(path) };
      if (!mayBe.tests && !mayBe.coverage) continue;
      if (++files > most.files || (bytes += size) > most.bytes) break;
      signal?.throwIfAborted();
      const report = await readReport((sink) => source.readFile(output, path, sink), headLength, mayBe, signal);
      if (report && 'tests' in report) tests.push({ ...report, path: `${output}/${path}` });
      else if (report) coverage.push({ ...report, path: `${output}/${path}` });
    }
  }
  const { readLog } = source;
  // A test run that also wrote a report of its own has the same tests in its log.
  if (readLog && tests.length === 0) {
    const log = await readReport(readLog, logHead, { tests: true, coverage: false }, signal);
    if (log && 'tests' in log && log.tests.length > 0) tests.push({ ...log, path: 'log' });
  }
  const isIndex = ({ path }: { readonly path: string }): number => (/(?:^|\/)index\.html?$/iu.test(path) ? 0 : 1);
  const depth = ({ path }: { readonly path: string }): number => path.split('/').length;
  return { tests, coverage, pages: pages.sort((a, b) => isIndex(a) - isIndex(b) || depth(a) - depth(b)) };
}

type Read = Omit<FoundReport, 'path'> | Omit<FoundCoverage, 'path'>;

/** Undefined for a text that is no report. Only the beginning of such a text is kept. */
async function readReport(
  read: (sink: ReportSink) => Promise<void>,
  head: number,
  mayBe: { readonly tests: boolean; readonly coverage: boolean },
  signal: AbortSignal | undefined,
): Promise<Read | undefined> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  let isReport: boolean | undefined;
  const format = (): { readonly tests?: TestFormat | undefined; readonly coverage?: CoverageFormat | undefined } => {
    const text = textOf(chunks, head);
    const tests = mayBe.tests ? testFormatOf(text) : undefined;
    return { tests, coverage: tests === undefined && mayBe.coverage ? coverageFormatOf(text) : undefined };
  };
  await read((chunk) => {
    // A file may be larger than was said of it.
    if (isReport === false || size > largest) return false;
    chunks.push(Buffer.from(chunk));
    size += chunk.length;
    if (size < head) return true;
    const found = isReport === undefined ? format() : undefined;
    isReport ??= found?.tests !== undefined || found?.coverage !== undefined;
    if (!isReport) chunks.length = 0;
    return isReport;
  });
  if (isReport === false) return undefined;
  const known = format();
  if (known.tests !== undefined) {
    const tests: TestResult[] = [];
    const report = await readTests(chunks, known.tests, (test) => void tests.push(test), signal);
    return { ...report, tests };
  }
  if (known.coverage === undefined) return undefined;
  const reader = coverageReader(known.coverage);
  await inSlices(chunks, (text) => reader.write(text), signal);
  return { format: known.coverage, ...reader.end() };
}

function textOf(chunks: readonly Uint8Array[], most: number): string {
  const start: Uint8Array[] = [];
  let size = 0;
  for (const chunk of chunks) {
    start.push(chunk);
    size += chunk.length;
    if (size >= most) break;
  }
  const bytes = Buffer.concat(start);
  const isUtf16 = bytes[0] === 0xff && bytes[1] === 0xfe;
  return bytes.toString(isUtf16 ? 'utf16le' : 'utf8', 0, Math.min(bytes.length, most));
}
