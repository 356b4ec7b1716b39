/** The golden files of the rules between the steps of a pipeline; see `flow.test.ts`. */
import { readdirSync } from 'node:fs';
import type { Files } from '#internal/concourse/src/task/environment.ts';
import { FIXTURE_ROOT } from './fixture.ts';
import { readGolden, type GoldenCase } from './golden.ts';

const ROOT = `${import.meta.dirname}/flow`;
const GIT: Readonly<Record<string, string>> = {
  '.git/config': '[core]\n\tbare = false\n[remote "origin"]\n\turl = https://git.example.com/demo/shop.git\n',
  '.git/HEAD': 'ref: refs/heads/main\n',
  '.gitmodules': '[submodule "lib"]\n\tpath = vendor/lib\n\turl = ../lib.git\n',
};

/** All cases, by rule. */
export const flowCases: readonly GoldenCase[] = readdirSync(ROOT).flatMap((rule) =>
  readdirSync(`${ROOT}/${rule}`).map((file) => readGolden(`${ROOT}/${rule}/${file}`, rule, file.slice(0, -4))),
);

/** The files of a case, in a checkout. */
export function inCheckout({ environment }: GoldenCase): Files {
  const { files } = environment;
  return {
    stat: (path) =>
      path === `${FIXTURE_ROOT}/.git` ? { type: 'directory', executable: true, size: 0 } : files?.stat(path),
    list: (path) => files?.list(path),
    read: (path) => GIT[path.slice(FIXTURE_ROOT.length + 1)] ?? files?.read(path),
  };
}

/** Where the pipeline of a case lies. */
export const FLOW_PATH = `${FIXTURE_ROOT}/ci/pipeline.yml`;
