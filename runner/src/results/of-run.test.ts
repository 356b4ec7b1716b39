import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { findReports, findResults, type ReportSource } from './of-run.ts';

function fixture(name: string): Buffer {
  return readFileSync(new URL(`../../../test/fixtures/results/${name}`, import.meta.url));
}

/** Outputs made of records: bytes by path. */
function sourceOf(outputs: Readonly<Record<string, Readonly<Record<string, Buffer>>>>, log?: Buffer): ReportSource {
  const hand = (bytes: Buffer, sink: (chunk: Uint8Array) => void): Promise<void> => {
    for (let at = 0; at < bytes.length; at += 500) sink(bytes.subarray(at, at + 500));
    return Promise.resolve();
  };
  return {
    outputs: Object.keys(outputs),
    members: (output) =>
      Promise.resolve(
        Object.entries(outputs[output] ?? {}).map(([path, bytes]) => ({
          ...({ path, type: 'file', size: bytes.length, mtimeMs: 0, executable: false } as const),
        })),
      ),
    readFile: (output, path, sink) => hand(outputs[output]?.[path] ?? Buffer.alloc(0), sink),
    readLog: log && ((sink) => hand(log, sink)),
  };
}

test('the files of the outputs that are reports are found by what is in them', async () => {
  const found = await findReports(
    sourceOf({
      report: {
        'unit/TEST-cart.xml': fixture('surefire.xml'),
        'coverage.xml': Buffer.from('<?xml version="1.0"?><coverage/>'),
        'results.trx': fixture('dotnet.trx'),
        'package.json': Buffer.from('{"name":"x"}'),
        'readme.md': fixture('prove.tap'),
        'empty.xml': Buffer.alloc(0),
      },
      logs: { 'node.tap': fixture('node-test.tap') },
    }),
  );
  expect(found.map(({ path, format, counts }) => [path, format, counts.tests])).toEqual([
    ['report/unit/TEST-cart.xml', 'junit', 5],
    ['report/results.trx', 'trx', 5],
    ['logs/node.tap', 'tap', 8],
  ]);
  expect(found[0]?.tests).toHaveLength(5);
});

test('without a report the log is one, also below other lines', async () => {
  const log = Buffer.concat([Buffer.from('downloading…\n'.repeat(2000)), fixture('go-test.json')]);
  const found = await findReports(sourceOf({}, log));
  expect(found.map(({ path, format, counts }) => [path, format, counts.failed])).toEqual([['log', 'go-test-json', 3]]);
  expect(await findReports(sourceOf({ report: { 'a.xml': fixture('pytest.xml') } }, log))).toHaveLength(1);
  expect(await findReports(sourceOf({}, Buffer.from('hello\n'.repeat(10))))).toEqual([]);
});

test('coverage and pages are found beside the tests', async () => {
  const found = await findResults(
    sourceOf({
      report: {
        'deep/er/page.html': Buffer.from('<p>x'),
        'html/index.html': Buffer.from('<p>x'),
        'junit.xml': fixture('pytest.xml'),
        'lcov.info': Buffer.from('SF:src/a.js\nDA:1,1\nDA:2,0\nend_of_record\n'),
        'cover.out': Buffer.from('mode: set\nexample.com/shop/cart.go:1.1,2.2 1 1\n'),
        'coverage.xml': Buffer.from('<?xml version="1.0"?><coverage><class filename="a.py"/></coverage>'),
        'notes.txt': Buffer.from('mode: set\n'),
      },
    }),
  );
  expect(found.tests.map(({ path }) => path)).toEqual(['report/junit.xml']);
  expect(found.coverage.map(({ path, format, files }) => [path, format, files.length])).toEqual([
    ['report/lcov.info', 'lcov', 1],
    ['report/cover.out', 'go-cover', 1],
    ['report/coverage.xml', 'cobertura', 0],
  ]);
  expect(found.pages.map(({ path }) => path)).toEqual(['html/index.html', 'deep/er/page.html']);
});

test('of a log that is none only the beginning is read', async () => {
  let pieces = 0;
  const readLog: ReportSource['readLog'] = (sink) => {
    while (pieces < 10_000 && sink(Buffer.from('hello\n'.repeat(1000)))) pieces++;
    return Promise.resolve();
  };
  expect((await findResults({ ...sourceOf({}), readLog })).tests).toEqual([]);
  expect(pieces).toBeLessThan(400);
});

test('thousands of files are not all read', async () => {
  let read = 0;
  const members = Array.from(
    { length: 5000 },
    (_, number) => ({ path: `${number}.xml`, type: 'file', size: 1 }) as const,
  );
  await findResults({
    outputs: ['report'],
    members: () => Promise.resolve(members),
    readFile: () => {
      read++;
      return Promise.resolve();
    },
  });
  expect(read).toBe(2000);
});
