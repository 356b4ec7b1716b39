import { describe, expect, test } from 'vitest';
import type { ToolError } from './model.ts';
import { ToolErrorReader } from './tool-errors.ts';

/** What is read of some lines: `file:line:column severity code message`. */
function read(text: string): string[] {
  const found: ToolError[] = [];
  const reader = new ToolErrorReader((error) => void found.push(error));
  for (const line of text.split('\n')) reader.line(line);
  return found.map(({ places: [{ file, line, column }], severity, code, message }) =>
    [`${file}:${line}${column === undefined ? '' : `:${column}`}`, severity, code ?? '-', message].join(' '),
  );
}

describe('the place, severity, code and message of', () => {
  test.each<[string, string, readonly string[]]>([
    [
      'gcc and clang',
      [
        'src/main.c: In function ‘main’:',
        "src/main.c:12:3: error: expected ';' before '}' token",
        '   12 |   return 0',
        '      |   ^~~~~~',
        "src/main.c:4:7: warning: unused variable 'x' [-Wunused-variable]",
        'src/main.c:2:10: fatal error: missing.h: No such file or directory',
        'src/main.c:9:1: note: declared here',
      ].join('\n'),
      [
        "src/main.c:12:3 error - expected ';' before '}' token",
        "src/main.c:4:7 warning -Wunused-variable unused variable 'x'",
        'src/main.c:2:10 error - missing.h: No such file or directory',
        'src/main.c:9:1 info - declared here',
      ],
    ],
    [
      'go build and vet',
      '# example.com/shop\n./cart.go:10:5: undefined: total\ncart/cart.go:7:2: "os" imported and not used',
      ['./cart.go:10:5 error - undefined: total', 'cart/cart.go:7:2 error - "os" imported and not used'],
    ],
    ['go test', '    cart_test.go:21: total(2) = 5, want 4', ['cart_test.go:21 error - total(2) = 5, want 4']],
    [
      'golangci-lint',
      'cart.go:12:5: Error return value is not checked (errcheck)',
      ['cart.go:12:5 warning errcheck Error return value is not checked'],
    ],
    [
      'tsc',
      "src/app.ts(3,14): error TS2322: Type 'string' is not assignable to type 'number'.",
      ["src/app.ts:3:14 error TS2322 Type 'string' is not assignable to type 'number'."],
    ],
    [
      'tsc --pretty',
      "src/app.ts:3:14 - error TS2304: Cannot find name 'x'.",
      ["src/app.ts:3:14 error TS2304 Cannot find name 'x'."],
    ],
    [
      'eslint, its default',
      [
        '/tmp/build/x/source/src/app.js',
        "  12:3   error    'a' is not defined  no-undef",
        '  14:10  warning  Unexpected console statement  no-console',
        '',
        '✖ 2 problems (1 error, 1 warning)',
      ].join('\n'),
      [
        "/tmp/build/x/source/src/app.js:12:3 error no-undef 'a' is not defined",
        '/tmp/build/x/source/src/app.js:14:10 warning no-console Unexpected console statement',
      ],
    ],
    [
      'eslint, unix',
      'src/app.js:12:3: Missing semicolon. [Error/semi]',
      ['src/app.js:12:3 error semi Missing semicolon.'],
    ],
    [
      'eslint, compact',
      'src/app.js: line 12, col 3, Warning - Unexpected console statement. (no-console)',
      ['src/app.js:12:3 warning no-console Unexpected console statement.'],
    ],
    [
      'a traceback of Python',
      [
        'Traceback (most recent call last):',
        '  File "app.py", line 9, in <module>',
        '    main()',
        '  File "/tmp/build/x/source/cart.py", line 4, in main',
        '    return total / 0',
        '           ~~~~~~^~~',
        'ZeroDivisionError: division by zero',
      ].join('\n'),
      ['/tmp/build/x/source/cart.py:4 error - ZeroDivisionError: division by zero'],
    ],
    [
      'a syntax error of Python',
      '  File "app.py", line 3\n    def f(:\n          ^\nSyntaxError: invalid syntax',
      ['app.py:3 error - SyntaxError: invalid syntax'],
    ],
    [
      'pytest',
      [
        '    def test_total():',
        '>       assert total(2) == 4',
        'E       assert 5 == 4',
        'E        +  where 5 = total(2)',
        '',
        'tests/test_cart.py:14: AssertionError',
      ].join('\n'),
      ['tests/test_cart.py:14 error - assert 5 == 4'],
    ],
    [
      'mypy',
      'shop/cart.py:3: error: Incompatible return value type (got "str", expected "int")  [return-value]',
      ['shop/cart.py:3 error return-value Incompatible return value type (got "str", expected "int")'],
    ],
    [
      'ruff and flake8',
      'shop/cart.py:1:8: F401 [*] `os` imported but unused\nshop/cart.py:80:1: E501 line too long (88 > 79 characters)',
      [
        'shop/cart.py:1:8 warning F401 `os` imported but unused',
        'shop/cart.py:80:1 warning E501 line too long (88 > 79 characters)',
      ],
    ],
    [
      'ruff, its default',
      'F401 [*] `os` imported but unused\n --> shop/cart.py:1:8\n  |\n1 | import os',
      ['shop/cart.py:1:8 warning F401 `os` imported but unused'],
    ],
    [
      'pylint',
      "shop/cart.py:1:0: C0114: Missing module docstring (missing-module-docstring)\nshop/cart.py:4:4: E0602: Undefined variable 'x' (undefined-variable)",
      ['shop/cart.py:1:1 info C0114 Missing module docstring', "shop/cart.py:4:4 error E0602 Undefined variable 'x'"],
    ],
    [
      'rustc and cargo',
      [
        'error[E0308]: mismatched types',
        ' --> src/main.rs:4:18',
        '  |',
        '4 |     let x: i32 = "a";',
        'warning: unused variable: `y`',
        '   --> src/cart.rs:14:9',
        'error: could not compile `shop` (bin "shop") due to 1 previous error',
      ].join('\n'),
      ['src/main.rs:4:18 error E0308 mismatched types', 'src/cart.rs:14:9 warning - unused variable: `y`'],
    ],
    [
      'a panic of Rust',
      "thread 'tests::total' (12) panicked at src/cart.rs:31:9:\nassertion `left == right` failed",
      ['src/cart.rs:31:9 error - panic: assertion `left == right` failed'],
    ],
    [
      'javac',
      "src/main/java/shop/Cart.java:12: error: ';' expected\n    return total\n                ^\n1 error",
      ["src/main/java/shop/Cart.java:12 error - ';' expected"],
    ],
    [
      'Maven',
      '[ERROR] /tmp/build/x/source/src/main/java/shop/Cart.java:[12,17] cannot find symbol\n[ERROR]   symbol: variable x',
      ['/tmp/build/x/source/src/main/java/shop/Cart.java:12:17 error - cannot find symbol'],
    ],
    [
      'Kotlin',
      'e: file:///tmp/build/x/source/Cart.kt:12:5 Unresolved reference: x',
      ['/tmp/build/x/source/Cart.kt:12:5 error - Unresolved reference: x'],
    ],
    [
      'shellcheck',
      [
        'In ci/run.sh line 3:',
        'echo $1',
        '     ^-- SC2086 (info): Double quote to prevent globbing and word splitting.',
      ].join('\n'),
      ['ci/run.sh:3 info SC2086 Double quote to prevent globbing and word splitting.'],
    ],
    [
      'shellcheck -f gcc',
      'ci/run.sh:3:6: note: Double quote to prevent globbing. [SC2086]',
      ['ci/run.sh:3:6 info SC2086 Double quote to prevent globbing.'],
    ],
    ['a shell', './ci/run.sh: line 7: gradle: command not found', ['./ci/run.sh:7 error - gradle: command not found']],
    [
      'MSBuild',
      '/tmp/build/x/source/Cart.cs(12,17): error CS1002: ; expected [/tmp/build/x/source/Shop.csproj]',
      ['/tmp/build/x/source/Cart.cs:12:17 error CS1002 ; expected'],
    ],
    [
      'Ruby',
      "lib/cart.rb:12:in `total': undefined method `+' for nil:NilClass (NoMethodError)\n\tfrom bin/shop:3:in `<main>'",
      ["lib/cart.rb:12 error NoMethodError undefined method `+' for nil:NilClass (NoMethodError)"],
    ],
    [
      'rubocop',
      'lib/cart.rb:3:5: C: [Correctable] Style/StringLiterals: Prefer single-quoted strings',
      ['lib/cart.rb:3:5 info Style/StringLiterals Prefer single-quoted strings'],
    ],
    [
      'PHP',
      "PHP Parse error:  syntax error, unexpected '}' in /tmp/build/x/source/Cart.php on line 9",
      ["/tmp/build/x/source/Cart.php:9 error - syntax error, unexpected '}'"],
    ],
    [
      'yamllint',
      'ci/a.yml:3:1: [error] too many blank lines (empty-lines)',
      ['ci/a.yml:3:1 error empty-lines too many blank lines'],
    ],
    ['hadolint', 'Dockerfile:3 DL3008 warning: Pin versions', ['Dockerfile:3 warning DL3008 Pin versions']],
    ['annotations', '::error file=src/a.js,line=3,col=5::no such thing', ['src/a.js:3:5 error - no such thing']],
  ])('%s', (_tool, text, expected) => {
    expect(read(text)).toEqual(expected);
  });
});

test('of a traceback every frame may be the place, innermost first', () => {
  const found: ToolError[] = [];
  const reader = new ToolErrorReader((error) => void found.push(error));
  reader.line('Traceback (most recent call last):');
  reader.line('  File "app.py", line 9, in <module>');
  reader.line('  File "/usr/lib/python3.12/json/decoder.py", line 355, in raw_decode');
  reader.line('json.decoder.JSONDecodeError: Expecting value: line 1 column 1 (char 0)');
  expect(found[0]?.places).toEqual([
    { file: '/usr/lib/python3.12/json/decoder.py', line: 355 },
    { file: 'app.py', line: 9 },
  ]);
});

test.each([
  'hello',
  '2026-03-02 10:11:12 INFO started',
  'error: nothing',
  'src/main.c:12',
  'a.c:0: zero',
  `a.c:1: ${'x'.repeat(3000)}`,
  'make: *** [Makefile:3: all] Error 1',
  '--> nowhere',
])('none: %.40s', (line) => {
  expect(read(line)).toEqual([]);
});

test('a long line of a hostile task is read at once', () => {
  // Each would take for ever with a pattern that tries all ways through it.
  for (const part of ['a:1:', '(', '" ', 'File "', '^-', '[x]', ' at a.pl']) read(part.repeat(2000).slice(0, 2000));
  expect(read('a.c:1: b')).toHaveLength(1);
});
