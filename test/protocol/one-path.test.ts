/** The problems of a file are the same wherever they are shown: editor, folder, and each format of `tarmac validate`. */
import type { Log } from 'sarif';
import { expect, test } from 'vitest';
import { validateFiles, type Format } from '#internal/cli/src/validate/validate.ts';
import { TestEditor } from './connection.ts';
import { Folder } from './folder.ts';

/** Two tasks share a wrong value through an anchor; a resource is unknown; one key stands twice. */
const PIPELINE = `
resources:
- {name: repo, type: git, source: {uri: https://example.com/repo.git}}
jobs:
- name: build
  plan:
  - get: repoo
  - task: one
    config: &shared
      platform: linux
      platform: linux
      inputs: [{name: repo}]
      run: {path: ls, args: wrong}
  - task: two
    config: *shared
`;
/** An unknown key, a deprecated value, and a script that is not there. */
const TASK = `
platform: linux
image: busybox
image_resource: {type: docker-image, source: {repository: busybox}}
ouputs: []
run:
  path: repo/ci/no.sh
`;

interface Shown {
  readonly code: unknown;
  readonly line: number;
  readonly character: number;
  readonly message: unknown;
}

const inOrder = (shown: readonly Shown[]): Shown[] =>
  shown.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));

async function validated(file: string, format: Format): Promise<string> {
  let output = '';
  await validateFiles([file], { format }, { stdout: (text) => (output += text), stderr: () => undefined });
  return output;
}

test.each([
  ['pipeline.yml', PIPELINE, ['unknown-resource', 'duplicate-key', 'wrong-type']],
  ['ci/tasks/task.yml', TASK, ['unknown-key']],
])('%s', async (name, text, codes) => {
  await using folder = await Folder.with({ [name]: text });
  const uri = folder.uriOf(name);
  await using editor = await TestEditor.start({
    folders: [folder.uri],
    settings: { '': { validate: { workspace: true } } },
  });

  const { items } = await editor.pullWorkspace();
  const [report] = items.filter((item) => item.uri === uri);
  if (report?.kind !== 'full') throw new Error('no report of the folder');
  await editor.open(uri, text);
  const diagnostics = await editor.diagnostics(uri);
  expect(diagnostics).toEqual(report.items);
  const shown = inOrder(diagnostics.map(({ code, message, range }) => ({ code, ...range.start, message })));
  expect(shown.map(({ code }) => code)).toEqual(expect.arrayContaining(codes) as unknown);
  // Each is said once, in one way.
  expect(new Set(shown.map(({ code, line, character }) => `${String(code)} ${line} ${character}`)).size).toBe(
    shown.length,
  );

  const path = `${folder.path}/${name}`;
  const [json] = JSON.parse(await validated(path, 'json')) as [
    { problems: { code: string; message: string; range: { start: { line: number; character: number } } }[] },
  ];
  expect(inOrder(json.problems.map(({ code, message, range }) => ({ code, ...range.start, message })))).toEqual(shown);

  const sarif = JSON.parse(await validated(path, 'sarif')) as Log;
  const results = (sarif.runs[0]?.results ?? []).map(({ ruleId, message, locations }): Shown => {
    const region = locations?.[0]?.physicalLocation?.region;
    const [line, character] = [(region?.startLine ?? 0) - 1, (region?.startColumn ?? 0) - 1];
    return { code: ruleId, line, character, message: message.text ?? '' };
  });
  expect(inOrder(results)).toEqual(shown);
});
