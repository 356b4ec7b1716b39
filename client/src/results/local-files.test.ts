import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { LocalFiles } from './local-files.ts';

/** A run whose input `source` was a folder with these files. */
async function withFiles(
  files: Readonly<Record<string, string>>,
  check: (resolve: LocalFiles['resolve'], folder: string) => Promise<void>,
): Promise<void> {
  const scratch = await mkdtemp(join(tmpdir(), 'tarmac-files-'));
  await using cleanup = new AsyncDisposableStack();
  cleanup.defer(() => rm(scratch, { recursive: true }));
  const folder = join(scratch, 'shop');
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  await writeFile(join(scratch, 'outside.js'), '');
  await symlink(scratch, join(folder, 'link'));
  const dir = '/tmp/build/b1dda4c3';
  const local = new LocalFiles({ dir, inputs: [{ container: `${dir}/source`, local: folder }] });
  await check((file, folders) => local.resolve(file, folders), folder);
}

const files = {
  'go.mod': 'module example.com/shop\n\ngo 1.22\n',
  'main.go': '',
  'cmd/shop/main.go': '',
  'cart/cart_test.go': '',
  'src/test/java/com/example/CartTest.java': '',
  'src/cart.js': '',
  'lib/deep/cart.js': '',
  'lib/other/cart.js': '',
  'node_modules/x/index.js': '',
};

describe('the local file of', () => {
  test.each<[string, string, readonly string[], string | undefined]>([
    ['a path in the container', '/tmp/build/b1dda4c3/source/src/cart.js', [], 'src/cart.js'],
    ['a path below the input', 'src/cart.js', [], 'src/cart.js'],
    ['a path below the working directory', './source/src/cart.js', [], 'src/cart.js'],
    ['a URL', 'file:///tmp/build/b1dda4c3/source/src/cart.js', [], 'src/cart.js'],
    ['a class of Java', 'com/example/CartTest.java', [], 'src/test/java/com/example/CartTest.java'],
    ['a package of Go', 'example.com/shop/main.go', [], 'main.go'],
    ['a deeper one', 'example.com/shop/cmd/shop/main.go', [], 'cmd/shop/main.go'],
    ['a bare name in a package of Go', 'cart_test.go', ['example.com/shop/cart'], 'cart/cart_test.go'],
    ['a path of another folder of the container', '/app/build/src/cart.js', [], 'src/cart.js'],
    ['a bare name that is at the top once', 'cart_test.go', [], 'cart/cart_test.go'],
    ['one that may be several', 'cart.js', [], 'src/cart.js'],
    ['one that is several', 'other.js', [], undefined],
    ['what is not there', 'src/nowhere.js', [], undefined],
    ['what is of a library', 'x/index.js', [], undefined],
    ['what is outside', '../outside.js', [], undefined],
    ['what is outside, absolute', '/tmp/build/b1dda4c3/source/../../outside.js', [], undefined],
    ['what is outside, by a link', 'outside.js', [], undefined],
    ['what is outside, as Windows says it', 'src\\..\\..\\outside.js', [], undefined],
    ['nothing', '', [], undefined],
  ])('%s', async (_what, file, folders, expected) => {
    await withFiles(files, async (resolve, folder) => {
      expect(await resolve(file, folders)).toBe(expected === undefined ? undefined : join(folder, expected));
    });
  });

  test('two files that are equally deep is not guessed', async () => {
    await withFiles({ 'a/x.py': '', 'b/x.py': '' }, async (resolve, folder) => {
      expect(await resolve('x.py')).toBeUndefined();
      expect(await resolve('b/x.py')).toBe(join(folder, 'b/x.py'));
    });
  });
});
