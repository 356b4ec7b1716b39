/** The test reports of a run: files of its outputs that are one, and its log. Where they lie is for the caller to say. */
import type { ArtifactMember } from '../store/members.ts';
import type { TestReport, TestResult } from './model.ts';
import { headLength, readTests, testFormatOf } from './read.ts';

/** Where a run's outputs and log are read. */
export interface ReportSource {
  /** Names of the outputs. */
  readonly outputs: readonly string[];
  members(output: string): Promise<readonly ArtifactMember[]>;
  readFile(output: string, path: string, sink: (chunk: Uint8Array) => void): Promise<void>;
  /** What the command printed on stdout; undefined where it is not kept. */
  readonly readLog?: ((sink: (chunk: Uint8Array) => void) => Promise<void>) | undefined;
}

/** A report, where it is, and its results. */
export interface FoundReport extends TestReport {
  /** `OUTPUT/PATH`, or `log`. */
  readonly path: string;
  readonly tests: readonly TestResult[];
}

/** Reports have these names; what is in them decides. */
const names = /\.(?:xml|trx|tap|json|jsonl|ndjson)$/iu;
/** Larger files are data of something else. */
const largest = 256 * 1024 * 1024;
/** A log may have much in it before the first test. */
const logHead = 1024 * 1024;

/** Reads them one after the other, in the order of outputs and paths, the log last. */
export async function findReports(source: ReportSource, signal?: AbortSignal): Promise<FoundReport[]> {
  const found: FoundReport[] = [];
  for (const output of source.outputs) {
    for (const { path, type, size } of await source.members(output)) {
      if (type !== 'file' || size === 0 || size > largest || !names.test(path)) continue;
      signal?.throwIfAborted();
      const report = await readReport((sink) => source.readFile(output, path, sink), headLength, signal);
      if (report) found.push({ ...report, path: `${output}/${path}` });
    }
  }
  const { readLog } = source;
  const log = readLog && (await readReport(readLog, logHead, signal));
  // A test run that also wrote a report of its own has the same tests in its log.
  if (log && found.length === 0 && log.tests.length > 0) found.push({ ...log, path: 'log' });
  return found;
}

/** Undefined for a text that is no report. Only the beginning of such a text is kept. */
async function readReport(
  read: (sink: (chunk: Uint8Array) => void) => Promise<void>,
  head: number,
  signal: AbortSignal | undefined,
): Promise<Omit<FoundReport, 'path'> | undefined> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  let isReport: boolean | undefined;
  const format = (): ReturnType<typeof testFormatOf> => testFormatOf(textOf(chunks, head));
  await read((chunk) => {
    if (isReport === false) return;
    chunks.push(Buffer.from(chunk));
    size += chunk.length;
    if (size < head) return;
    isReport ??= format() !== undefined;
    if (!isReport) chunks.length = 0;
  });
  const known = isReport === false ? undefined : format();
  if (known === undefined) return undefined;
  const tests: TestResult[] = [];
  const report = await readTests(chunks, known, (test) => void tests.push(test), signal);
  return { ...report, tests };
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
