/** Reading test reports: which format a text has, and its results as they come, without holding up anything else. */
import { setImmediate as turn } from 'node:timers/promises';
import { TextDecoder } from 'node:util';
import { readGoTest } from './go-test.ts';
import { readJUnit } from './junit.ts';
import { Counter, mostTests, type MakeReader, type TestFormat, type TestReport, type TestResult } from './model.ts';
import { readTap } from './tap.ts';
import { readTrx } from './trx.ts';

const readers: Readonly<Record<TestFormat, MakeReader>> = {
  junit: readJUnit,
  trx: readTrx,
  tap: readTap,
  'go-test-json': readGoTest,
};

/** So much of a text tells its format. */
export const headLength = 4096;
/** So many characters are read at once, and so long, before others have their turn. */
const slice = { characters: 16 * 1024, ms: 10 } as const;

/** The format of a report by the beginning of its text; undefined for what is none. */
export function testFormatOf(head: string): TestFormat | undefined {
  const text = head.replace(/^\ufeff/u, '');
  if (/^\s*</u.test(text)) {
    const root = /<(?:\w+:)?([A-Za-z]\w*)[\s>/]/u.exec(
      text.replaceAll(/<!--[\s\S]*?-->|<\?[\s\S]*?\?>|<!\w[^>]*>/gu, ''),
    )?.[1];
    if (root === 'testsuites' || root === 'testsuite') return 'junit';
    return root === 'TestRun' ? 'trx' : undefined;
  }
  if (/^\{.*"Action":"(?:start|run|output|pass|fail|skip|build-output)"/mu.test(text)) return 'go-test-json';
  const isTap = /^(?:TAP version 1[2-4]$|(?:not )?ok 1\b|1\.\.\d+\s*(?:#|$))/mu.test(text);
  return isTap ? 'tap' : undefined;
}

/**
 * Reads one report.
 *
 * @param onTest is called for each result, in the order of the report
 * @param signal ends the reading; its reason is thrown
 */
export async function readTests(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  format: TestFormat,
  onTest: (test: TestResult) => void,
  signal?: AbortSignal,
): Promise<TestReport> {
  const counter = new Counter();
  let seen = 0;
  const reader = readers[format]((test) => {
    counter.add(test);
    if (++seen <= mostTests) onTest(test);
  });
  await inSlices(chunks, (text) => reader.write(text), signal);
  const { problems, ...end } = reader.end();
  const all = seen <= mostTests ? problems : [...problems, `Only its first ${mostTests} tests were read.`];
  return { format, ...end, problems: all, counts: counter.counts };
}

/** Hands on a text piece by piece, and lets others have their turn in between. */
export async function inSlices(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  write: (text: string) => void,
  signal?: AbortSignal,
): Promise<void> {
  let decoder: TextDecoder | undefined;
  let since = performance.now();
  const take = async (text: string): Promise<void> => {
    for (let at = 0; at < text.length; at += slice.characters) {
      write(text.slice(at, at + slice.characters));
      if (performance.now() - since < slice.ms) continue;
      await turn();
      signal?.throwIfAborted();
      since = performance.now();
    }
  };
  for await (const chunk of chunks) {
    signal?.throwIfAborted();
    decoder ??= new TextDecoder(encodingOf(chunk));
    await take(decoder.decode(chunk, { stream: true }));
  }
  await take(decoder?.decode() ?? '');
}

/** Reports of Windows may be UTF-16. */
function encodingOf(first: Uint8Array): string {
  if (first[0] === 0xff && first[1] === 0xfe) return 'utf-16le';
  return first[0] === 0xfe && first[1] === 0xff ? 'utf-16be' : 'utf-8';
}
