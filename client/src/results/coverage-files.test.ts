import { expect, test, vi } from 'vitest';
import type { FoundCoverage } from '#runner';
import { coverageFiles } from './coverage-files.ts';
import { LocalFiles } from './local-files.ts';

vi.mock('vscode', () => import('../../../test/fakes/vscode-results.ts'));

const disk = {
  isFile: (path: string) => Promise.resolve(path === '/home/me/shop/src/cart.js'),
  entries: () => Promise.resolve([]),
  text: () => Promise.resolve(''),
};
const local = new LocalFiles({ dir: '/w', inputs: [{ container: '/w/source', local: '/home/me/shop' }] }, disk);

test('statements, branches and functions of the files that are here, with their counts', async () => {
  const cart = {
    file: 'src/cart.js',
    lines: new Map([
      [1, 3],
      [2, 0],
      [5, 1],
    ]),
    branches: new Map([[5, { covered: 1, total: 3 }]]),
    functions: [
      { name: 'add', line: 1, hits: 3 },
      { name: 'remove', line: 2, hits: 0 },
    ],
  };
  const other = { ...cart, file: 'src/nowhere.js' };
  const report: FoundCoverage = { path: 'report/lcov.info', format: 'lcov', problems: [], files: [cart, other] };
  const files = await coverageFiles([report], local);
  expect(files).toHaveLength(1);
  const [file] = files;
  expect(file?.uri.fsPath).toBe('/home/me/shop/src/cart.js');
  expect(file?.statementCoverage).toEqual({ covered: 2, total: 3 });
  expect(file?.branchCoverage).toEqual({ covered: 1, total: 3 });
  expect(file?.declarationCoverage).toEqual({ covered: 1, total: 2 });
  expect(JSON.parse(JSON.stringify(file?.details()))).toMatchObject([
    { executed: 3, location: { line: 0 }, branches: [] },
    { executed: 0, location: { line: 1 }, branches: [] },
    { executed: 1, location: { line: 4 }, branches: [{ executed: true }, { executed: false }, { executed: false }] },
    { name: 'add', executed: 3, location: { line: 0 } },
    { name: 'remove', executed: 0, location: { line: 1 } },
  ]);
});

test('what a format does not have is not counted', async () => {
  const cart = { file: 'src/cart.js', lines: new Map([[1, 1]]), branches: new Map(), functions: [] };
  const report: FoundCoverage = { path: 'report/c.out', format: 'go-cover', problems: [], files: [cart] };
  const [file] = await coverageFiles([report], local);
  expect(file?.branchCoverage).toBeUndefined();
  expect(file?.declarationCoverage).toBeUndefined();
});
