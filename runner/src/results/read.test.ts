import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { TestFormat, TestReport, TestResult } from './model.ts';
import { readTests, testFormatOf } from './read.ts';

/** Reads a text in pieces of some bytes. */
async function read(
  bytes: Uint8Array,
  format: TestFormat,
  piece = 1000,
): Promise<{ readonly report: TestReport; readonly tests: readonly TestResult[] }> {
  const pieces = function* (): Generator<Uint8Array> {
    for (let at = 0; at < bytes.length; at += piece) yield bytes.subarray(at, at + piece);
  };
  const tests: TestResult[] = [];
  const report = await readTests(pieces(), format, (each) => void tests.push(each));
  return { report, tests };
}

function fixture(name: string): Buffer {
  return readFileSync(new URL(`../../../test/fixtures/results/${name}`, import.meta.url));
}

/** What each framework says at its end: tests, passed, failed, errors, skipped; and the lines of what did not pass. */
const reports: readonly [string, TestFormat, readonly [number, number, number, number, number], readonly string[]][] = [
  [
    'pytest.xml',
    'junit',
    [8, 3, 2, 1, 2],
    ['test_total[3-7] tests/test_cart.py:14', 'test_remote tests/conftest.py:7', 'test_deep shop/api.py:9'],
  ],
  ['jest-junit.xml', 'junit', [6, 4, 1, 0, 1], ['cart removes an item /workdir/source/src/cart.test.js:12']],
  [
    'surefire.xml',
    'junit',
    [5, 2, 1, 1, 1],
    ['removes com/example/shop/CartTest.java:27', 'breaks com/example/shop/CartTest.java:35'],
  ],
  ['gradle.xml', 'junit', [3, 1, 1, 0, 1], ['converts shop/PriceSpec.groovy:22']],
  [
    'phpunit.xml',
    'junit',
    [5, 2, 1, 1, 1],
    ['testRemoves /workdir/source/tests/CartTest.php:21', 'testBreaks /workdir/source/tests/CartTest.php:28'],
  ],
  ['rspec.xml', 'junit', [4, 2, 1, 0, 1], ['Cart removes an item ./spec/cart_spec.rb:14']],
  ['googletest.xml', 'junit', [5, 2, 1, 0, 2], ['Removes /workdir/source/cart_test.cc:18']],
  ['ctest.xml', 'junit', [4, 1, 1, 0, 2], ['price']],
  ['nextest.xml', 'junit', [4, 3, 1, 0, 0], ['cart::tests::removes src/cart.rs:31']],
  ['playwright.xml', 'junit', [3, 1, 1, 0, 1], ['cart › removes /workdir/source/e2e/cart.spec.ts:15']],
  ['gotestsum.xml', 'junit', [4, 1, 2, 0, 1], ['TestTotal/two cart_test.go:21', 'TestTotal']],
  [
    'node-test.xml',
    'junit',
    [7, 3, 2, 0, 2],
    ['removes /workdir/source/cart.test.mjs:4', 'converts /workdir/source/cart.test.mjs:7'],
  ],
  [
    'node-test.tap',
    'tap',
    [8, 4, 2, 0, 2],
    ['removes /workdir/source/cart.test.mjs:4', 'converts /workdir/source/cart.test.mjs:7'],
  ],
  ['prove.tap', 'tap', [6, 3, 1, 0, 2], ['removes t/cart.t:14']],
  ['bats.tap', 'tap', [4, 2, 1, 0, 1], ['removes in 12ms test/cart.bats:9']],
  ['dotnet.trx', 'trx', [5, 2, 1, 1, 1], ['Removes /workdir/source/tests/CartTests.cs:24', 'Hangs']],
  [
    'go-test.json',
    'go-test-json',
    [6, 1, 3, 1, 1],
    [
      'TestTotal/two cart_test.go:21',
      'TestTotal',
      'package price/price_test.go:8',
      'TestPanics /workdir/source/panics/panics_test.go:6',
    ],
  ],
  [
    'mocha-junit.xml',
    'junit',
    [5, 2, 2, 0, 1],
    ['cart removes an item test/cart.js:14', 'price converts lib/price.js:3'],
  ],
  ['vitest.xml', 'junit', [4, 2, 1, 0, 1], ['cart > removes an item src/cart.test.ts:12']],
  ['minitest.xml', 'junit', [4, 1, 1, 1, 1], ['test_removes test/cart_test.rb:11', 'test_breaks test/cart_test.rb:15']],
  [
    'catch2.xml',
    'junit',
    [4, 1, 1, 1, 1],
    ['removes /workdir/source/tests/cart.cpp:18', 'throws /workdir/source/tests/cart.cpp:25'],
  ],
  ['exunit.xml', 'junit', [3, 1, 1, 0, 1], ['test removes test/cart_test.exs:10']],
  ['scalatest.xml', 'junit', [4, 2, 1, 0, 1], ['A cart removes com/example/shop/CartSpec.scala:17']],
  ['robot.xml', 'junit', [3, 1, 1, 0, 1], ['Removes An Item']],
  ['bazel.xml', 'junit', [1, 0, 0, 1, 0], ['cart/cart_test']],
  ['swift.xml', 'junit', [3, 2, 1, 0, 0], ['testRemoves /workdir/source/Tests/ShopTests/CartTests.swift:14']],
  ['behave.xml', 'junit', [3, 1, 1, 0, 1], ['An item is removed features/steps/cart.py:17']],
  ['tape.tap', 'tap', [3, 1, 1, 0, 1], ['should be equal /workdir/source/test/cart.js:11']],
  ['pgtap.tap', 'tap', [4, 1, 1, 0, 2], ['Column shop.cart.total should be not null']],
  ['mstest.trx', 'trx', [3, 1, 1, 0, 1], ['Totals /workdir/source/tests/CartTests.cs:31']],
  ['go-test-build.json', 'go-test-json', [2, 1, 0, 1, 0], ['package cart/cart_test.go:9']],
];

describe.each(reports)('%s', (name, format, [tests, passed, failed, errored, skipped], places) => {
  test('its format is known by its beginning', () => {
    expect(testFormatOf(fixture(name).toString('utf8', 0, 4096))).toBe(format);
  });

  test.each([7, 100_000])('it counts what the framework counts, in pieces of %i bytes', async (piece) => {
    const { report } = await read(fixture(name), format, piece);
    expect(report.counts).toEqual({ tests, passed, failed, errored, skipped });
    expect(report.problems).toEqual([]);
    if (report.declared) expect(report.declared.tests).toBe(tests);
  });

  test('what did not pass is at its line', async () => {
    const { tests: found } = await read(fixture(name), format);
    const bad = found.filter(({ outcome }) => outcome === 'failed' || outcome === 'errored');
    const lines = bad.map(({ name: title, place }) => (place ? `${title} ${place.file}:${place.line}` : title));
    expect(lines).toEqual(places);
  });
});

test('reasons, durations, groups and retries are kept', async () => {
  const junit = (await read(fixture('surefire.xml'), 'junit')).tests;
  expect(junit[1]).toMatchObject({
    suite: ['com.example.shop.CartTest'],
    message: 'expected: <1> but was: <2>',
    durationMs: 12,
    details: expect.stringContaining('AssertionFailureBuilder.java:151') as string,
  });
  expect(junit[4]).toMatchObject({ outcome: 'passed', flaky: true });
  const trx = (await read(fixture('dotnet.trx'), 'trx')).tests;
  expect(trx[1]).toMatchObject({
    suite: ['Shop.Tests.CartTests'],
    durationMs: 1500,
    message: 'Assert.Equal() Failure: Values differ',
  });
  const tap = (await read(fixture('node-test.tap'), 'tap')).tests;
  expect(tap.find(({ name }) => name === 'converts')).toMatchObject({ suite: ['price'], message: 'no # rate' });
  expect((await read(fixture('prove.tap'), 'tap')).tests.at(-1)).toMatchObject({ name: 'costs 1 # each' });
  const go = (await read(fixture('go-test.json'), 'go-test-json')).tests;
  expect(go[1]).toMatchObject({ suite: ['example.com/shop/cart'], message: 'cart_test.go:21: total(2) = 5, want 4' });
});

test.each<[string, TestFormat, string, RegExp]>([
  ['XML that breaks off', 'junit', '<testsuite><testcase name="a"/><testcase', /not valid XML/u],
  ['another XML', 'junit', '<project/>', /not a JUnit report/u],
  ['another XML for TRX', 'trx', '<testsuite/>', /not a TRX report/u],
  ['tests that are missing', 'tap', '1..3\nok 1\nok 2\n', /3 tests were planned and 2 have reported/u],
  ['tests that were given up', 'tap', '1..1\nok 1\nBail out! no disk\n', /given up: no disk/u],
  ['a log', 'tap', 'hello\n', /no test point/u],
  ['a log for go', 'go-test-json', '{"Action": 1}\nhello\n', /no event/u],
  [
    'go that was killed',
    'go-test-json',
    '{"Action":"run","Package":"p","Test":"T"}\n',
    /ends while 1 tests of p were running/u,
  ],
])('%s is told', async (_what, format, text, problem) => {
  const { report } = await read(Buffer.from(text), format);
  expect(report.problems.join('\n')).toMatch(problem);
});

test('what is no report has no format', () => {
  const texts = ['', '<html><body/></html>', '<?xml version="1.0"?><coverage/>', '{"a":1}', 'ok then\n', 'hello 1..2'];
  expect(texts.map(testFormatOf)).toEqual(texts.map(() => undefined));
});

test('entities of a DTD are not resolved', async () => {
  const text = '<!DOCTYPE x [<!ENTITY a "aaaa">]><testsuite><testcase name="&a;"/></testsuite>';
  const { report, tests } = await read(Buffer.from(text), 'junit');
  expect(tests.map(({ name }) => name).join()).not.toContain('aaaa');
  expect(report.problems).toHaveLength(1);
});

test('a report that is made to fill the memory does not', async () => {
  const deep = `<testsuite>${'<a>'.repeat(100_000)}`;
  expect((await read(Buffer.from(deep), 'junit', 5000)).report.problems.join()).toMatch(/more than 200 elements deep/u);
  const long = `<testsuite><testcase name="a"><failure>${'x'.repeat(5_000_000)}</failure></testcase></testsuite>`;
  const [test] = (await read(Buffer.from(long), 'junit', 50_000)).tests;
  expect(test?.details?.length).toBeLessThan(70_000);
  const tap = `1..1\nnot ok 1 - a\n${'# x\n'.repeat(100_000)}${' '.repeat(100_000)}ok 1\n`;
  expect((await read(Buffer.from(tap), 'tap', 50_000)).tests[0]?.details?.length).toBeLessThan(70_000);
});

test('a report of Windows in UTF-16', async () => {
  const text = '\ufeff<testsuite><testcase name="grün"/></testsuite>';
  const { tests } = await read(Buffer.from(text, 'utf16le'), 'junit', 3);
  expect(tests).toMatchObject([{ name: 'grün' }]);
});

test('a reading that nobody wants any more ends', async () => {
  const stop = new AbortController();
  stop.abort(new Error('enough'));
  await expect(readTests([Buffer.from('1..1\n')], 'tap', () => undefined, stop.signal)).rejects.toThrow('enough');
});

/** A report of so many tests, every fiftieth of which fails. */
function large(tests: number): Buffer {
  const parts = ['<testsuites>'];
  for (let number = 0; number < tests; number++) {
    if (number % 100 === 0) parts.push(number === 0 ? '' : '</testsuite>', `<testsuite name="s${number}">`);
    const failure =
      number % 50 === 0 ? '<failure message="boom">at f (/src/a.js:1:2)\n at g (/src/b.js:3:4)</failure>' : '';
    parts.push(
      `<testcase classname="com.example.K${number % 100}" name="test ${number}" time="0.01">${failure}</testcase>`,
    );
  }
  return Buffer.from([...parts, '</testsuite></testsuites>'].join(''));
}

test('50,000 tests are read while others have their turn', async () => {
  const bytes = large(50_000);
  let turns = 0;
  const ticking = setInterval(() => (turns += 1), 1);
  try {
    const { report } = await read(bytes, 'junit', bytes.length);
    expect(report.counts).toEqual({ tests: 50_000, passed: 49_000, failed: 1000, errored: 0, skipped: 0 });
    // In one piece none would have come.
    expect(turns).toBeGreaterThan(1);
  } finally {
    clearInterval(ticking);
  }
});
