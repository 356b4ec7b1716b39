import { describe, expect, test } from 'vitest';
import { memoryFiles } from '../../../test/fakes/memory-files.ts';
import { decodeTask } from './document.ts';
import { matchInputFolders, type InputFolderSources } from './input-folders.ts';

const SCRIPT = '#!/bin/sh\n';

function task(inputs: string, run = 'path: make'): string {
  return `platform: linux\ninputs: [${inputs}]\nrun: {${run}}\n`;
}

interface Row {
  readonly name: string;
  readonly tree: readonly string[];
  readonly task: string;
  readonly sources?: Partial<InputFolderSources>;
  readonly found: Readonly<Record<string, readonly [string, string]>>;
}

/** The task file is `/home/me/app/ci/task.yml`, the workspace `/home/me/app`. */
const ROWS: readonly Row[] = [
  {
    name: 'a setting comes first, and is not questioned',
    tree: ['/home/me/app/repo/'],
    task: task('{name: repo}'),
    sources: { settings: new Map([['repo', '/gone']]), remembered: new Map([['repo', '/home/me/app/repo']]) },
    found: { repo: ['/gone', 'setting'] },
  },
  {
    name: 'then what the last run sent',
    tree: ['/home/me/app/repo/', '/elsewhere/'],
    task: task('{name: repo}'),
    sources: { remembered: new Map([['repo', '/elsewhere']]) },
    found: { repo: ['/elsewhere', 'remembered'] },
  },
  {
    name: 'unless it is gone',
    tree: ['/home/me/app/repo/'],
    task: task('{name: repo}'),
    sources: { remembered: new Map([['repo', '/elsewhere']]) },
    found: { repo: ['/home/me/app/repo', 'folder-name'] },
  },
  {
    name: 'the repository itself is named like the input',
    tree: ['/home/me/app/.git/', '/home/me/app/app/'],
    task: task('{name: app}'),
    found: { app: ['/home/me/app', 'folder-name'] },
  },
  {
    name: 'the script decides between folders of one name',
    tree: ['/home/me/app/.git/', '/home/me/app/app/ci/unit.sh'],
    task: task('{name: app}', 'path: app/ci/unit.sh'),
    found: { app: ['/home/me/app/app', 'folder-name'] },
  },
  {
    name: 'a folder in the workspace',
    tree: ['/home/me/app/version/number'],
    task: task('{name: version}'),
    found: { version: ['/home/me/app/version', 'folder-name'] },
  },
  {
    name: 'a folder beside the repository',
    tree: ['/home/me/app/.git/', '/home/me/tools/'],
    task: task('{name: tools}'),
    found: { tools: ['/home/me/tools', 'folder-name'] },
  },
  {
    name: 'another folder of the workspace',
    tree: ['/home/me/app/.git/', '/srv/tools/'],
    task: task('{name: tools}'),
    sources: { workspaceFolders: ['/home/me/app', '/srv/tools'] },
    found: { tools: ['/srv/tools', 'folder-name'] },
  },
  {
    name: 'a file is no folder',
    tree: ['/home/me/app/version'],
    task: task('{name: version}'),
    found: {},
  },
  {
    name: 'the repository, when it holds what the command starts',
    tree: ['/home/me/app/.git/', '/home/me/app/ci/unit.sh'],
    task: task('{name: repo}, {name: other}', 'path: repo/ci/unit.sh'),
    found: { repo: ['/home/me/app', 'repository-root'] },
  },
  {
    name: 'a misspelled file in a folder of the repository',
    tree: ['/home/me/app/.git/', '/home/me/app/ci/unit.sh'],
    task: task('{name: repo}', 'path: repo/ci/unti.sh'),
    found: { repo: ['/home/me/app', 'repository-root'] },
  },
  {
    name: 'not when its folder is not there either',
    tree: ['/home/me/app/.git/', '/home/me/app/ci/other.sh'],
    task: task('{name: repo}', 'path: repo/scripts/unit.sh'),
    found: {},
  },
  {
    name: 'the only input is the repository',
    tree: ['/home/me/app/.git/'],
    task: task('{name: source}, {name: more, optional: true}', 'path: sh, args: [-c, cd source && make]'),
    found: { source: ['/home/me/app', 'task-repository'] },
  },
  {
    name: 'by its directory, too',
    tree: ['/home/me/app/.git/'],
    task: task('{name: source}', 'path: make, dir: source'),
    found: { source: ['/home/me/app', 'task-repository'] },
  },
  {
    name: 'not when there is another input',
    tree: ['/home/me/app/.git/'],
    task: task('{name: source}, {name: other}'),
    found: {},
  },
  {
    name: 'not when a path says that it is something else',
    tree: ['/home/me/app/.git/'],
    task: task('{name: image}', 'path: load, args: [image/image.tar]'),
    found: {},
  },
  {
    name: 'not without a repository',
    tree: ['/home/me/app/'],
    task: task('{name: source}'),
    found: {},
  },
  {
    name: 'rather the repository than a folder of the name without the script',
    tree: ['/home/me/app/.git/', '/home/me/app/ci/unit.sh', '/home/me/app/repo/'],
    task: task('{name: repo}', 'path: repo/ci/unit.sh'),
    found: { repo: ['/home/me/app', 'repository-root'] },
  },
  {
    name: 'the repository by the file of a shell',
    tree: ['/home/me/app/.git/', '/home/me/app/ci/unit.sh'],
    task: task('{name: repo}', 'path: bash, args: [-e, repo/ci/unit.sh]'),
    found: { repo: ['/home/me/app', 'repository-root'] },
  },
  {
    name: 'the repository by dir and a relative script',
    tree: ['/home/me/app/.git/', '/home/me/app/ci/unit.sh'],
    task: task('{name: repo}', 'path: ./unit.sh, dir: repo/ci'),
    found: { repo: ['/home/me/app', 'repository-root'] },
  },
  {
    name: 'the repository by an argument',
    tree: ['/home/me/app/.git/', '/home/me/app/config/prod.yml'],
    task: task('{name: repo}', 'path: deploy, args: [-c, repo/config/prod.yml]'),
    found: { repo: ['/home/me/app', 'repository-root'] },
  },
  {
    name: 'the repository by the path of the input, not by its name',
    tree: ['/home/me/app/.git/', '/home/me/app/ci/unit.sh'],
    task: task('{name: source, path: repo}', 'path: repo/ci/unit.sh'),
    found: { source: ['/home/me/app', 'repository-root'] },
  },
  {
    name: 'a repository above the workspace',
    tree: ['/home/me/.git/', '/home/me/lib/unit.sh'],
    task: task('{name: repo}', 'path: repo/lib/unit.sh'),
    found: { repo: ['/home/me', 'repository-root'] },
  },
  {
    name: 'a folder without .git: the workspace',
    tree: ['/home/me/app/ci/unit.sh'],
    task: task('{name: repo}', 'path: repo/ci/unit.sh'),
    found: { repo: ['/home/me/app', 'repository-root'] },
  },
  {
    name: 'nothing is guessed from a variable',
    tree: ['/home/me/app/.git/', '/home/me/app/ci/unit.sh'],
    task: task('{name: repo}', 'path: repo/((script))'),
    found: {},
  },
  {
    name: 'no folder for a name that leads elsewhere',
    tree: ['/home/me/app/ci/unit.sh', '/home/me/'],
    task: task('{name: ..}, {name: a/b}, {name: .}, {name: ""}'),
    found: {},
  },
  {
    name: 'a text that is not on disk has workspace folders',
    tree: ['/home/me/app/repo/'],
    task: task('{name: repo}'),
    sources: { taskPath: undefined },
    found: { repo: ['/home/me/app/repo', 'folder-name'] },
  },
];

describe('the folder that a run would send', () => {
  test.each(ROWS)('$name', ({ tree, task: text, sources, found }) => {
    const files = memoryFiles({ '/home/me/app/': '', ...Object.fromEntries(tree.map((path) => [path, SCRIPT])) });
    const folders = matchInputFolders(decodeTask(text), {
      files,
      taskPath: '/home/me/app/ci/task.yml',
      workspaceFolders: ['/home/me/app'],
      ...sources,
    });
    expect(
      Object.fromEntries([...folders].map(([name, { directory, reason }]) => [name, [directory, reason]])),
    ).toEqual(found);
  });

  test('paths of Windows', () => {
    const files = memoryFiles({ 'C:\\src\\app/.git/': '', 'C:\\src\\app/ci/unit.sh': SCRIPT });
    const folders = matchInputFolders(decodeTask(task('{name: repo}', 'path: repo/ci/unit.sh')), {
      files,
      taskPath: 'C:\\src\\app\\ci\\task.yml',
      workspaceFolders: ['C:\\src\\app'],
    });
    expect(folders.get('repo')).toEqual({ input: 'repo', directory: 'C:\\src\\app', reason: 'repository-root' });
  });
});
