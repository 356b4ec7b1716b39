/** What the wrong example of a rule becomes with its quick fix: the right example of the page cannot be another one. */
import { checkPipeline, checkTask, decodeTask, type Environment, readPipeline } from '#concourse';
import type { Rule } from '#internal/concourse/src/rules/rule.ts';
import { fixesOf } from '#internal/server/src/features/fixes/all.ts';
import { applyEdits } from '#internal/server/src/features/fixes/edits.ts';
import { PipelineEditor } from '#internal/server/src/features/pipeline-fixes/editor.ts';
import { pipelineFixesOf, type PipelineCheck } from '#internal/server/src/features/pipeline-fixes/trial.ts';
import { RIGHT_PIPELINES } from './right-pipelines.ts';

/** What a person has to decide, and no quick fix does; the rule has nothing to say about it, which a test sees to. */
const WRITTEN: Readonly<Record<string, string>> = {
  'yaml-syntax': 'platform: linux\ninputs: []\n',
  'yaml-unknown-anchor': 'platform: linux\nparams: {A: "1"}\n',
  'param-unset': 'platform: linux\nrun: {path: make}\nparams:\n  VERSION: dev\n',
  platform: 'platform: linux\nrun: {path: make}\n',
  'nested-path': 'platform: linux\nrun: {path: make}\ninputs:\n  - name: repo\n  - name: deps\n',
  'script-not-a-file': 'platform: linux\ninputs: [{name: repo}]\nrun:\n  path: ./test.sh\n  dir: repo\n',
  'unused-input': 'platform: linux\ninputs:\n  - name: repo\nrun:\n  path: sh\n  args: [-ec, ls repo]\n',
  'unused-output':
    'platform: linux\noutputs:\n  - name: built\nrun:\n  path: sh\n  args: [-ec, echo hello > built/hello.txt]\n',
  'invalid-sidecar': 'platform: linux\nrun: {path: make}\nsidecars:\n  - name: db\n    image: postgres\n',
  'invalid-sidecar-file': 'platform: linux\nrun: {path: make}\nsidecars:\n  - repo/ci/db.yml\n',
  'duplicate-sidecar':
    'platform: linux\nrun: {path: make}\nsidecars:\n  - {name: postgres, image: postgres}\n  - {name: mysql, image: mysql}\n',
  'hidden-error': 'platform: linux\noutputs: []\n',
};

/** More fixes than any example needs. */
const mostRounds = 20;

/** The example without the rule's problem; undefined where no quick fix takes all of it away. */
export function rightExample(rule: Rule): string | undefined {
  const written = WRITTEN[rule.id] ?? RIGHT_PIPELINES[rule.id];
  if (written !== undefined) return written;
  if (rule.example === undefined || !rule.fixable) return undefined;
  if (rule.group === 'pipeline' || rule.group === 'flow') return rightPipeline(rule.id, rule.example);
  const target = rule.targets?.[0] ?? 'current';
  const environment: Environment = { target, inputFolders: new Map() };
  let text = rule.example;
  for (let round = 0; round < mostRounds; round++) {
    const document = decodeTask(text, { target, extensions: true });
    const own = checkTask(document, environment).filter(({ code }) => code === rule.id);
    if (own.length === 0) return text === rule.example ? undefined : text;
    const fix = own.flatMap((problem) => fixesOf(problem, document, environment)[0] ?? [])[0];
    if (!fix) return undefined;
    text = applyEdits(text, fix.edits);
  }
  return undefined;
}

/** All that is wrong with a pipeline; advice that must be asked for, too. */
const checkExample: PipelineCheck = ({ source, world }) =>
  checkPipeline(source, world, { severities: { 'unused-get': 'hint' } });

function rightPipeline(id: string, example: string): string | undefined {
  let text = example;
  for (let round = 0; round < mostRounds; round++) {
    const source = readPipeline(text, { templated: true });
    const request = { source, world: {}, uri: 'file:///pipeline.yml', tasks: [] };
    const problems = checkExample(request);
    const own = problems.filter(({ code }) => code === id);
    if (own.length === 0) {
      return text === example || problems.some(({ severity }) => severity === 'error') ? undefined : text;
    }
    const editor = new PipelineEditor(request);
    const fix = own.flatMap((problem) => pipelineFixesOf(problem, editor, checkExample)[0] ?? [])[0];
    if (!fix) return undefined;
    text = applyEdits(text, fix.edits);
  }
  return undefined;
}
