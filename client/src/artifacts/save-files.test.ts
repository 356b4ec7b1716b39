import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { saveFile, saveFiles, type FileToSave } from './save-files.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tarmac-save-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const go = new AbortController().signal;
const file = (path: string, text = path, executable = false): FileToSave => ({
  path,
  executable,
  read: async (sink) => {
    for (const character of text) await sink(Buffer.from(character));
  },
});

describe('files of an artifact', () => {
  it('are saved with their folders and modes, and what lay beside them stays', async () => {
    const target = join(folder, 'src');
    await mkdir(join(target, 'a b'), { recursive: true });
    await writeFile(join(target, 'mine.txt'), 'mine');
    await writeFile(join(target, 'a b', 'größe.txt'), 'old');
    await saveFiles(target, [file('a b/größe.txt'), file('run.sh', '#!', true)], go);
    expect(await readFile(join(target, 'mine.txt'), 'utf8')).toBe('mine');
    expect(await readFile(join(target, 'a b', 'größe.txt'), 'utf8')).toBe('a b/größe.txt');
    expect((await stat(join(target, 'run.sh'))).mode & 0o111).not.toBe(0);
    expect((await stat(join(target, 'a b', 'größe.txt'))).mode & 0o111).toBe(0);
    expect(await readdir(target)).toEqual(['a b', 'mine.txt', 'run.sh']);
  });

  it('that cannot be read to their end leave what was there', async () => {
    await writeFile(join(folder, 'out'), 'old');
    const torn = file('out');
    const read: FileToSave['read'] = async (sink) => {
      await sink(Buffer.from('half'));
      throw new Error('the pod is gone');
    };
    await expect(saveFile(join(folder, 'out'), { ...torn, read })).rejects.toThrow('the pod is gone');
    expect(await readFile(join(folder, 'out'), 'utf8')).toBe('old');
    expect(await readdir(folder)).toEqual(['out']);
  });

  it('replace a link, and not what it leads to', async () => {
    await writeFile(join(folder, 'elsewhere'), 'mine');
    await symlink('elsewhere', join(folder, 'out'));
    await saveFile(join(folder, 'out'), file('out'));
    expect(await readFile(join(folder, 'elsewhere'), 'utf8')).toBe('mine');
    expect(await readFile(join(folder, 'out'), 'utf8')).toBe('out');
  });

  it.each(['../out', '/etc/out', 'a/../../out', '..', ''])('are not saved to %j', async (path) => {
    await expect(saveFiles(join(folder, 'in'), [file(path)], go)).rejects.toThrow('is not a valid file name');
    expect(await readdir(join(folder, 'in'))).toEqual([]);
  });

  it('end with the one that is written when somebody cancels', async () => {
    const stop = new AbortController();
    const saving = saveFiles(folder, [file('one'), file('two')], stop.signal, () => stop.abort());
    await expect(saving).rejects.toThrow();
    expect(await readdir(folder)).toEqual(['one']);
  });
});
