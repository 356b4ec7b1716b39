/** Fixes of artifacts that are not there, and of paths into them. */
import { entryOf, findCheckout, type Problem, recognize } from '#concourse';
import { scalarSource } from '../fixes/layout.ts';
import { entriesOf, firstPart } from '../pipeline/spots.ts';
import { itemsOf, jobsOf, textAt, textNode, type WrittenJob, type WrittenStep } from '../pipeline/model.ts';
import type { PipelineEditor } from './editor.ts';
import { fix, replace, type PipelineFix, type PipelineFixMaker } from './fix.ts';
import { removeDefined } from './remove.ts';
import { taskSkeleton } from './skeleton.ts';

/** Artifacts that are offered where none is surely meant. */
const MOST_CANDIDATES = 3;

/** The name that is meant, in the place of the problem. */
export const meantName: PipelineFixMaker = ({ range, data }, { text }) => {
  const { replacement } = data ?? {};
  if (replacement === undefined) return [];
  const old = text.slice(range.start, range.end);
  const source = /^[{["']/u.test(replacement) ? replacement : scalarSource(replacement);
  return replace(`Replace ${old} by ${source}`, range, source, { preferred: true });
};

/** A name is mended, a get is added, an input is mapped, a `no_get` goes. */
export const missingArtifact: PipelineFixMaker = (problem, editor) => {
  const name = problem.data?.key;
  const at = editor.step(problem.range);
  if (name === undefined) return [];
  const job = at?.job ?? jobAt(editor, problem);
  return [
    ...meantName(problem, editor),
    ...(at ? mapInput(problem, editor, at.step, name) : []),
    ...(job ? [...addGet(problem, editor, job, name), ...fetchAfterPut(editor, job, name)] : []),
  ];
};

/** A path param of a put: the artifact that is meant, or its get. */
export const putPath: PipelineFixMaker = (problem, editor) => {
  const at = editor.step(problem.range);
  const name = problem.data?.key;
  const get = at && name !== undefined ? addGet(problem, editor, at.job, name) : [];
  return [...meantName(problem, editor), ...get];
};

function jobAt({ request: { source } }: PipelineEditor, { range }: Problem): WrittenJob | undefined {
  return jobsOf(source).find(({ node }) => node.range.start <= range.start && range.end <= node.range.end);
}

/** An input of a task file is given by a mapping: its name stands in another file. */
function mapInput({ range, data }: Problem, editor: PipelineEditor, step: WrittenStep, name: string): PipelineFix[] {
  const file = textAt(step.node, 'file');
  const meansFile = file?.range.start === range.start && firstPart(file.text) !== name;
  if (!meansFile || !editor.trace.task(step.node).inputs.some((input) => input.name === name)) return [];
  const there = [...(editor.trace.at(step.node)?.artifacts.keys() ?? [])];
  const candidates = data?.suggestion === undefined ? there : [data.suggestion];
  if (candidates.length > MOST_CANDIDATES) return [];
  return candidates.flatMap((artifact) =>
    fix(
      `Give '${artifact}' for the input '${name}' (input_mapping)`,
      editor.addTo(step.node, 'input_mapping', { [scalarSource(name)]: scalarSource(artifact) }),
      data?.suggestion === artifact ? { preferred: true } : {},
    ),
  );
}

function addGet(problem: Problem, editor: PipelineEditor, job: WrittenJob, name: string): PipelineFix[] {
  const known = itemsOf(entryOf(editor.request.source.root, 'resources')?.value).some(
    (resource) => textAt(resource, 'name')?.text === name,
  );
  const taken = editor.steps(job).some(({ kind, core }) => kind === 'get' && textNode(core?.value)?.text === name);
  if (!known || taken) return [];
  const edits = editor.insertStep(job, problem.range, { get: scalarSource(name) });
  const preferred = problem.data?.replacement === undefined && problem.data?.suggestion === undefined;
  return fix(`Add 'get: ${name}' before this step`, edits, preferred ? { preferred: true } : {});
}

function fetchAfterPut(editor: PipelineEditor, job: WrittenJob, name: string): PipelineFix[] {
  const put = editor
    .steps(job)
    .find(({ kind, core, node }) => kind === 'put' && textNode(core?.value)?.text === name && entryOf(node, 'no_get'));
  return put ? fix(`Remove 'no_get' of the put '${name}'`, editor.removeKey(put.node, 'no_get')) : [];
}

/** `task.yml` alone: the artifacts that have such a file, else the only one that is there. */
export const pathWithoutArtifact: PipelineFixMaker = ({ range, data }, editor) => {
  const path = data?.key;
  const step = editor.step(range)?.step;
  if (path === undefined || !step) return [];
  const { trace } = editor;
  const there = [...(trace.at(step.node)?.artifacts.keys() ?? [])];
  const holding = there.filter((artifact) => trace.file(step.node, `${artifact}/${path}`)?.kind === 'file');
  const open = there.filter((artifact) => trace.file(step.node, `${artifact}/${path}`)?.kind === 'unknown');
  const meant = holding.length > 0 ? holding : open;
  return meant.slice(0, MOST_CANDIDATES).flatMap((artifact) => {
    const source = scalarSource(`${artifact}/${path}`);
    return replace(`Write ${source}`, range, source, meant.length === 1 ? { preferred: true } : {});
  });
};

/** The file that is meant, or a new one. */
export const missingFile: PipelineFixMaker = (problem, editor) => [
  ...meantName(problem, editor),
  ...createTask(problem, editor),
];

function createTask({ range, data }: Problem, editor: PipelineEditor): PipelineFix[] {
  const { files, path } = editor.request.world;
  const step = editor.step(range)?.step;
  const isFile = step?.kind === 'task' && textAt(step.node, 'file')?.range.start === range.start;
  const checkout = files && path !== undefined ? findCheckout(files, path) : undefined;
  if (!isFile || !checkout || data?.key === undefined || !/\.ya?ml$/iu.test(data.key)) return [];
  const file = `${checkout.root.replace(/[/\\]$/u, '')}/${data.key}`;
  const after = taskSkeleton(step, editor.trace.at(step.node));
  const flags = data.replacement === undefined ? ({ preferred: true } as const) : {};
  return fix(`Create the task file '${data.key}'`, [], {
    others: [{ path: file, before: undefined, after }],
    ...flags,
  });
}

/** A folder: the task files in it. */
export const folderForTask: PipelineFixMaker = ({ range }, editor) => {
  const step = editor.step(range)?.step;
  const path = step && textAt(step.node, 'file')?.text.replace(/\/$/u, '');
  if (!step || path === undefined) return [];
  const inside = editor.trace.list(step.node, path);
  const tasks = inside.filter(({ name, folder }) => {
    const file = folder || !/\.ya?ml$/iu.test(name) ? undefined : editor.trace.file(step.node, `${path}/${name}`);
    const text = file?.kind === 'file' ? editor.request.world.files?.read(file.path) : undefined;
    return text !== undefined && recognize(text) === 'task';
  });
  if (tasks.length > MOST_CANDIDATES) return [];
  return tasks.flatMap(({ name }) => {
    const source = scalarSource(`${path}/${name}`);
    return replace(`Write ${source}`, range, source, tasks.length === 1 ? { preferred: true } : {});
  });
};

/** An artifact that is not among the inputs of the put. */
export const unlistedInput: PipelineFixMaker = ({ range, data }, editor) => {
  const step = editor.step(range)?.step;
  const name = data?.key;
  if (!step || name === undefined) return [];
  const edits = editor.appendTo(step.node, 'inputs', scalarSource(name));
  return fix(`Add '${name}' to the inputs of the put`, edits, { preferred: true });
};

/** Params that name their artifact by a variable: the put gets everything. */
export const unseenInput: PipelineFixMaker = ({ range }, editor) => {
  const step = editor.step(range)?.step;
  const edits = step ? editor.setKey(step.node, 'inputs', 'all') : [];
  return fix("Give the put all artifacts ('inputs: all')", edits, { preferred: true });
};

/** What a get was told to leave out of an image. */
export const imageForm: PipelineFixMaker = ({ range, data }, editor) => {
  const at = editor.step(range);
  const maker =
    at && data?.key !== undefined ? editor.trace.at(at.step.node)?.artifacts.get(data.key)?.maker : undefined;
  if (!maker || maker.kind === 'task' || maker.node.kind !== 'map') return [];
  const params = entryOf(maker.node, maker.kind === 'get' ? 'params' : 'get_params')?.value;
  return ['skip_download', 'format']
    .flatMap((key) =>
      fix(
        `Remove '${key}' of the ${maker.kind} '${maker.step}'`,
        entriesOf(maker.node, maker.kind === 'get' ? 'params' : 'get_params').some(({ name }) => name === key)
          ? editor.removeKey(params, key)
          : [],
        { preferred: true },
      ),
    )
    .slice(0, 1);
};

/** The variable that is meant. */
export const meantVariable: PipelineFixMaker = ({ range, data }, { text }) => {
  const { key, suggestion } = data ?? {};
  const old = text.slice(range.start, range.end);
  if (key === undefined || suggestion === undefined || !old.includes(`((.:${key}`)) return [];
  const newText = old.replace(`((.:${key}`, () => `((.:${suggestion}`);
  return replace(`Replace ${old} by ${newText}`, range, newText, { preferred: true });
};

/** A get that nothing uses goes, and its resource with it where no other step has that. */
export const unusedGet: PipelineFixMaker = ({ range }, editor) => {
  const step = editor.step(range)?.step;
  const name = step && resourceOf(step);
  if (!step || name === undefined) return [];
  const others = jobsOf(editor.request.source)
    .flatMap((job) => editor.steps(job))
    .filter((each) => (each.kind === 'get' || each.kind === 'put') && each !== step && resourceOf(each) === name);
  const edits = editor.removeStep(step);
  const resource = edits.length > 0 && others.length === 0 ? removeDefined(editor, 'resources', name) : [];
  const what = `Remove the get '${textNode(step.core?.value)?.text ?? ''}'`;
  return fix(resource.length > 0 ? `${what} and its resource` : what, [...edits, ...resource]);
};

function resourceOf({ node, core }: WrittenStep): string | undefined {
  return (textAt(node, 'resource') ?? textNode(core?.value))?.text;
}
