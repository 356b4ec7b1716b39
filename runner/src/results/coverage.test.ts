import { describe, expect, test } from 'vitest';
import { coverageFormatOf, coverageReader, type CoverageFormat } from './coverage.ts';

const lcov = `TN:
SF:src/cart.js
FN:1,add
DA:1,3
DA:2,0
DA:5,1
BRDA:5,0,0,1
BRDA:5,0,1,-
end_of_record
SF:src/price.js
DA:1,7
end_of_record
`;
const go = `mode: atomic
example.com/shop/cart.go:3.20,5.2 2 4
example.com/shop/cart.go:7.20,9.1 1 0
`;
const cobertura = `<?xml version="1.0" ?>
<!DOCTYPE coverage SYSTEM 'http://cobertura.sourceforge.net/xml/coverage-04.dtd'>
<coverage line-rate="0.66" branch-rate="0.5" version="7.6" timestamp="1">
  <sources><source>/workdir/source</source></sources>
  <packages><package name="shop" line-rate="0.66"><classes><class name="cart.py" filename="shop/cart.py" line-rate="0.66">
    <methods><method name="add" signature=""><lines><line number="2" hits="1" branch="true" condition-coverage="50% (1/2)"/></lines></method></methods>
    <lines><line number="1" hits="1"/><line number="2" hits="1" branch="true" condition-coverage="50% (1/2)"/><line number="4" hits="0"/></lines>
  </class></classes></package></packages>
</coverage>`;
const jacoco = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?><!DOCTYPE report PUBLIC "-//JACOCO//DTD Report 1.1//EN" "report.dtd"><report name="shop"><sessioninfo id="x" start="1" dump="2"/><package name="com/example/shop"><class name="com/example/shop/Cart" sourcefilename="Cart.java"><method name="add" desc="()V" line="3"><counter type="LINE" missed="1" covered="2"/></method></class><sourcefile name="Cart.java"><line nr="3" mi="0" ci="4" mb="1" cb="1"/><line nr="4" mi="2" ci="0" mb="0" cb="0"/><counter type="LINE" missed="1" covered="1"/></sourcefile></package></report>`;
const clover = `<?xml version="1.0" encoding="UTF-8"?>
<coverage generated="1772446272" clover="3.2.0">
  <project timestamp="1772446272"><file name="Cart.php" path="/workdir/source/src/Cart.php">
    <line num="9" type="method" name="add" count="2"/><line num="10" type="stmt" count="2"/>
    <line num="12" type="cond" truecount="1" falsecount="0"/><line num="14" type="stmt" count="0"/>
  </file></project>
</coverage>`;

const reports: readonly [CoverageFormat, string, unknown][] = [
  [
    'lcov',
    lcov,
    [
      {
        file: 'src/cart.js',
        lines: [
          [1, 3],
          [2, 0],
          [5, 1],
        ],
        branches: [[5, { covered: 1, total: 2 }]],
      },
      { file: 'src/price.js', lines: [[1, 7]], branches: [] },
    ],
  ],
  [
    'go-cover',
    go,
    [
      {
        file: 'example.com/shop/cart.go',
        lines: [
          [3, 4],
          [4, 4],
          [5, 4],
          [7, 0],
          [8, 0],
        ],
        branches: [],
      },
    ],
  ],
  [
    'cobertura',
    cobertura,
    [
      {
        file: 'shop/cart.py',
        lines: [
          [2, 1],
          [1, 1],
          [4, 0],
        ],
        branches: [[2, { covered: 1, total: 2 }]],
      },
    ],
  ],
  [
    'jacoco',
    jacoco,
    [
      {
        file: 'com/example/shop/Cart.java',
        lines: [
          [3, 1],
          [4, 0],
        ],
        branches: [[3, { covered: 1, total: 2 }]],
      },
    ],
  ],
  [
    'clover',
    clover,
    [
      {
        file: '/workdir/source/src/Cart.php',
        lines: [
          [9, 2],
          [10, 2],
          [12, 1],
          [14, 0],
        ],
        branches: [[12, { covered: 1, total: 2 }]],
      },
    ],
  ],
];

describe.each(reports)('%s', (format, text, expected) => {
  test('is known by its beginning', () => expect(coverageFormatOf(text)).toBe(format));

  test.each([1, 10_000])('gives lines and branches by file, in pieces of %i characters', (piece) => {
    const reader = coverageReader(format);
    for (let at = 0; at < text.length; at += piece) reader.write(text.slice(at, at + piece));
    const { files, problems } = reader.end();
    expect(problems).toEqual([]);
    expect(files.map(({ file, lines, branches }) => ({ file, lines: [...lines], branches: [...branches] }))).toEqual(
      expected,
    );
  });
});

test('functions are known where the report has them', () => {
  const functions = (format: CoverageFormat, text: string): readonly unknown[] => {
    const reader = coverageReader(format);
    reader.write(text);
    return reader.end().files.map((each) => each.functions.map(({ name, line, hits }) => `${name} ${line} ${hits}`));
  };
  const all = 'SF:a.js\nFN:1,add\nFN:7,9,remove\nFNDA:3,add\nFNDA:0,remove\nDA:1,3\nend_of_record\n';
  expect(functions('lcov', all)).toEqual([['add 1 3', 'remove 7 0']]);
  expect(functions('cobertura', cobertura)).toEqual([['add 2 1']]);
  const method = jacoco.replace('</method>', '<counter type="METHOD" missed="0" covered="1"/></method>');
  expect(functions('jacoco', method)).toEqual([['add 3 1']]);
  expect(functions('clover', clover)).toEqual([['add 9 2']]);
  expect(functions('go-cover', go)).toEqual([[]]);
});

test('a profile that claims a thousand million lines does not fill the memory', () => {
  const reader = coverageReader('go-cover');
  reader.write('mode: set\na.go:1.1,1000000000.2 1 1\n');
  expect(reader.end().files[0]?.lines.size).toBeLessThan(100_000);
});

test('what is no report is told', () => {
  expect(['', 'hello', '<testsuite/>', '<html/>', 'mode: fast'].map(coverageFormatOf)).toEqual(
    Array.from({ length: 5 }, () => undefined),
  );
  const ended = (format: CoverageFormat, text: string): readonly string[] => {
    const reader = coverageReader(format);
    reader.write(text);
    return reader.end().problems;
  };
  expect(ended('lcov', 'hello\n')).toEqual(['There is no file (SF:) in it.']);
  expect(ended('go-cover', 'mode: set\n')).toHaveLength(1);
  expect(ended('clover', '<coverage><project>')[0]).toMatch(/not valid XML/u);
});
