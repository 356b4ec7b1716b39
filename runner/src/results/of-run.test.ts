import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { findReports, type ReportSource } from './of-run.ts';

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
