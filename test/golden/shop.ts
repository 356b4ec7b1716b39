/** The repository of our own pipelines, `test/pipelines`, as it lies on a developer's disk. */
import { readdirSync, readFileSync } from 'node:fs';
import type { Files } from '#concourse';

/** Where the repository lies. */
export const ROOT = '/workspace/shop';
const SOURCE = `${import.meta.dirname}/../pipelines`;

/** Its files, by path. */
export const texts = new Map<string, string>(
  ['pipelines', 'tasks'].flatMap((folder) =>
    readdirSync(`${SOURCE}/ci/${folder}`).map((name): [string, string] => [
      `ci/${folder}/${name}`,
      readFileSync(`${SOURCE}/ci/${folder}/${name}`, 'utf8'),
    ]),
  ),
);
/** Paths of its pipelines. */
export const pipelines = [...texts.keys()].filter((path) => path.startsWith('ci/pipelines/'));
const GIT: Readonly<Record<string, string>> = {
  '.git/config': '[remote "origin"]\n\turl = https://git.example.com/demo/shop.git\n',
  '.git/HEAD': 'ref: refs/heads/main\n',
};

/** The file system, with some files changed. */
export function filesWith(changed: ReadonlyMap<string, string>): Files {
  const inside = (path: string): string => path.slice(ROOT.length + 1);
  const read = (path: string): string | undefined =>
    changed.get(inside(path)) ?? texts.get(inside(path)) ?? GIT[inside(path)];
  const children = (path: string): string[] => {
    const below = path === ROOT ? '' : `${inside(path)}/`;
    return [...texts.keys()].flatMap((file) =>
      file.startsWith(below) ? [file.slice(below.length).split('/')[0] ?? ''] : [],
    );
  };
  const isFolder = (path: string): boolean => path === `${ROOT}/.git` || children(path).length > 0;
  return {
    read,
    stat: (path) => {
      const text = read(path);
      if (text !== undefined) return { type: 'file', executable: false, size: text.length };
      return isFolder(path) ? { type: 'directory', executable: true, size: 0 } : undefined;
    },
    list: (path) => [...new Set(children(path))].map((name) => ({ name, type: 'file' })),
  };
}
