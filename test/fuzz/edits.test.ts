/** A pipeline that is edited reads as if each of its versions was opened anew, in everything that is said of it. */
import { readdirSync, readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { expect, test } from 'vitest';
import { IncrementalParser, pipelineConfigJson, TaskFileCache } from '#concourse';
import { pipelineSymbols } from '#internal/server/src/features/pipeline/outline.ts';
import { OpenDocument } from '#internal/server/src/protocol/open-document.ts';
import { environmentOf, PIPELINE_LANGUAGE, problemsOf } from '#workspace';
import { samplePipeline } from '../../scripts/bench/language-server/sample-pipeline.ts';
import { filesWith, pipelines, ROOT, texts as files } from '../golden/shop.ts';
import { edited } from './edits.ts';
import { Random } from './random.ts';

const TIMES = Number(process.env['TARMAC_FUZZ_TIMES'] ?? 1);
const SEED = Number(process.env['TARMAC_FUZZ_SEED'] ?? 20_260_103);
const SEQUENCES = 80;
const STEPS = 15;
const PROBES = 'test/conformance/pipelines/probes';

const ours = pipelines.map((path) => files.get(path) ?? '');
const probes = readdirSync(PROBES).filter((name) => name.endsWith('.yml'));
const texts = [
  ...ours,
  ...ours.slice(0, 2).map((text) => text.replaceAll('\n', '\r\n')),
  samplePipeline(150).text,
  ...probes.map((name) => readFileSync(`${PROBES}/${name}`, 'utf8')).filter((text) => text.length > 300),
];

const URI = `file://${ROOT}/${pipelines[0] ?? ''}`;
const path = URI.slice('file://'.length);
const around = filesWith(new Map());
const taskFiles = new TaskFileCache();

const opened = (text: string): OpenDocument => OpenDocument.lifecycle.create(URI, PIPELINE_LANGUAGE, 1, text);

/** Everything that an editor learns of a document. */
function readingOf(document: OpenDocument): unknown {
  const { kind, tasks, pipeline } = document.tasks('current', true);
  if (!pipeline) return { kind };
  const world = { target: 'current', path, files: around, taskFiles } as const;
  const surroundings = { target: 'current', path, files: around, workspaceFolders: [ROOT] } as const;
  const content = { tasks, environmentOf: (task: (typeof tasks)[number]) => environmentOf(task, surroundings) };
  const { root, config, stage, errors, warnings, setErrors, vars, undefinedVars, brokenFrom } = pipeline;
  return {
    ...{ root, stage, errors, warnings, setErrors, vars, undefinedVars, brokenFrom },
    config: pipelineConfigJson(config),
    problems: problemsOf({ ...content, pipeline: { source: pipeline, world } }, {}).map(({ problem }) => problem),
    tasks: tasks.map(({ name, range, indent, config: own, problems, vars: uses, stepParams }) => {
      return { name, range, indent, config: own, problems, vars: uses, stepParams };
    }),
    symbols: pipelineSymbols({ source: pipeline, world, uri: URI, tasks }),
    syntax: pipeline.syntax?.range,
  };
}

test(`edits, seed ${SEED}`, () => {
  const random = new Random(SEED);
  for (let sequence = 0; sequence < SEQUENCES * TIMES; sequence++) {
    let text = random.pick(texts);
    let document = opened(text);
    let intact = text;
    for (let step = 0; step < STEPS; step++) {
      const before = text;
      text = random.integer(3) === 0 ? intact : edited(random, text, texts);
      document = OpenDocument.lifecycle.update(document, [{ text }], step + 2);
      const fresh = opened(text);
      if (!isDeepStrictEqual(readingOf(document), readingOf(fresh))) {
        expect(readingOf(document), JSON.stringify([SEED, sequence, step, before, text])).toEqual(readingOf(fresh));
        expect.fail(`seed ${SEED}, sequence ${sequence}, step ${step}`);
      }
      if (fresh.tasks('current', true).pipeline?.brokenFrom === undefined) intact = text;
    }
  }
});

test('what is typed into a job does not make the rest of the file be parsed again', () => {
  const { text } = samplePipeline(400);
  const parser = new IncrementalParser();
  const before = parser.parse(text);
  const at = text.indexOf(' # until');
  const after = parser.parse(`${text.slice(0, at)} # x${text.slice(at)}`);
  if (before.root.kind !== 'map' || after.root.kind !== 'map') throw new TypeError('a pipeline is a mapping');
  // The nodes before the change are those of the version before.
  expect(after.root.entries.slice(0, 2)).toHaveLength(2);
  expect(after.root.entries[0]).toBe(before.root.entries[0]);
  expect(after.root.entries[1]).toBe(before.root.entries[1]);
});
