/** Trying a fix out before it is offered: the pipeline and its files as they would be, checked again. */
import { decodePipeline, type Files, type PipelineWorld, type Problem, readPipeline } from '#concourse';
import { applyEdits, overlaps, type OffsetEdit } from '../fixes/edits.ts';
import type { PipelineRequest } from '../pipeline/request.ts';
import { PipelineEditor } from './editor.ts';
import type { PipelineFix } from './fix.ts';
import { pipelineFixMaker } from './index.ts';

/** All that is wrong with a pipeline, in the order of the text. */
export type PipelineCheck = (request: PipelineRequest) => readonly Problem[];

/** A fix can uncover another problem; more rounds than this no pipeline needs. */
const MAX_ROUNDS = 20;
/** Characters that may be checked again for one question: each trial reads the whole pipeline. */
const MOST_READ = 1_000_000;

/** How many fixes may be tried on a pipeline for one question; always some. */
export function trialsFor({ source }: PipelineRequest): number {
  return Math.max(4, Math.floor(MOST_READ / Math.max(1, source.text.length)));
}

/** Files of which some have another text. */
class ChangedFiles implements Files {
  readonly #files: Files;
  readonly #texts: ReadonlyMap<string, string>;

  constructor(files: Files, texts: ReadonlyMap<string, string>) {
    this.#files = files;
    this.#texts = texts;
  }

  stat(path: string): ReturnType<Files['stat']> {
    const text = this.#texts.get(path);
    if (text !== undefined) return { type: 'file', executable: false, size: text.length };
    const inside = [...this.#texts.keys()].some((file) => file.startsWith(`${path}/`));
    return this.#files.stat(path) ?? (inside ? { type: 'directory', executable: true, size: 0 } : undefined);
  }

  list(path: string): ReturnType<Files['list']> {
    return this.#files.list(path);
  }

  read(path: string): string | undefined {
    return this.#texts.get(path) ?? this.#files.read(path);
  }
}

/** The pipeline and its files after a change; its inline tasks are not read again. */
export function changed(request: PipelineRequest, fix: Pick<PipelineFix, 'edits' | 'others'>): PipelineRequest {
  const text = applyEdits(request.source.text, fix.edits);
  const { files, path } = request.world;
  const texts = new Map((fix.others ?? []).map((other) => [other.path, other.after]));
  if (path !== undefined) texts.set(path, text);
  const world: PipelineWorld = files ? { ...request.world, files: new ChangedFiles(files, texts) } : request.world;
  const { target } = request.source;
  return { ...request, source: readPipeline(text, { target, templated: true }), world, tasks: [] };
}

function countOf(problems: readonly Problem[], name: (problem: Problem) => string | undefined): Map<string, number> {
  const counts = new Map<string, number>();
  for (const problem of problems) {
    const id = name(problem);
    if (id !== undefined) counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  return counts;
}

/** Kept as long as the pipeline is asked about: each fix is compared with it. */
const errors = new WeakMap<PipelineRequest, Map<string, number>>();
const found = new WeakMap<PipelineRequest, readonly Problem[]>();

/** Errors of the text itself, by code. */
function errorsOf(request: PipelineRequest): Map<string, number> {
  const known = errors.get(request);
  if (known) return known;
  const { source } = request;
  const tasks = decodePipeline(source.text);
  const all = [...source.problems, ...tasks.flatMap(({ problems }) => problems)];
  const counts = countOf(all, ({ severity, code }) => (severity === 'error' ? code : undefined));
  errors.set(request, counts);
  return counts;
}

/** All that is wrong with a pipeline before any change. */
function problemsOf(request: PipelineRequest, check: PipelineCheck): readonly Problem[] {
  const known = found.get(request);
  if (known) return known;
  const problems = check(request);
  found.set(request, problems);
  return problems;
}

/** Errors and warnings, by code and message. */
function seriousOf(problems: readonly Problem[]): Map<string, number> {
  return countOf(problems, ({ severity, code, message }) =>
    severity === 'error' || severity === 'warning' ? `${code} ${message}` : undefined,
  );
}

/** True when a change leaves the syntax whole. */
export function isReadable(request: PipelineRequest, after: PipelineRequest): boolean {
  return after.source.brokenFrom === undefined || request.source.brokenFrom !== undefined;
}

/**
 * True when a fix ends a problem and leaves the pipeline as readable as it was. What is surely meant may show what else is
 * wrong there, e.g. that the file of the right artifact is not there either, or what is below a step that was none; any
 * other fix brings no new finding.
 */
export function mends(request: PipelineRequest, fix: PipelineFix, problem: Problem, check: PipelineCheck): boolean {
  const after = changed(request, fix);
  if (!isReadable(request, after)) return false;
  const left = check(after);
  const known = problemsOf(request, check);
  const same = ({ code, message }: Problem): boolean => code === problem.code && message === problem.message;
  if (left.filter(same).length >= known.filter(same).length) return false;
  if (fix.preferred || fix.others?.some(({ before }) => before === undefined)) return true;
  if (!isHarmless(request, after)) return false;
  const before = seriousOf(known);
  return [...seriousOf(left)].every(([id, count]) => count <= (before.get(id) ?? 0));
}

/** True when a change brings no error of the text that was not there before. */
export function isHarmless(request: PipelineRequest, after: PipelineRequest): boolean {
  const before = errorsOf(request);
  return [...errorsOf(after)].every(([code, count]) => count <= (before.get(code) ?? 0));
}

/** The fixes of one problem that mend it and do no harm. */
export function pipelineFixesOf(problem: Problem, editor: PipelineEditor, check: PipelineCheck): PipelineFix[] {
  return pipelineFixMaker(problem.code)(problem, editor).filter((fix) => mends(editor.request, fix, problem, check));
}

/** The preferred fixes of all problems of one rule that can be applied together. */
export function fixRuleInPipeline(
  code: string,
  problems: readonly Problem[],
  editor: PipelineEditor,
): { readonly count: number; readonly edits: OffsetEdit[] } {
  const { request } = editor;
  let edits: OffsetEdit[] = [];
  let count = 0;
  let trials = trialsFor(request);
  for (const problem of problems) {
    if (problem.code !== code) continue;
    const fix = pipelineFixMaker(code)(problem, editor).find(
      ({ preferred, others = [] }) => preferred && others.length === 0,
    );
    if (!fix || fix.edits.some((edit) => edits.some((other) => overlaps(edit, other)))) continue;
    if (trials-- <= 0) break;
    const together = [...edits, ...fix.edits];
    if (!isHarmless(request, changed(request, { edits: together }))) continue;
    edits = together;
    count++;
  }
  return count > 1 ? { count, edits } : { count: 0, edits: [] };
}

/**
 * Applies every safe fix until there is none left.
 *
 * @returns edits that do not overlap; none when nothing is to be done
 */
export function fixAllInPipeline(request: PipelineRequest, check: PipelineCheck): OffsetEdit[] {
  let current = request;
  const rounds = Math.min(MAX_ROUNDS, trialsFor(request));
  let first: OffsetEdit[] = [];
  for (let round = 0; round < rounds; round++) {
    const editor = new PipelineEditor(current);
    const edits: OffsetEdit[] = [];
    for (const problem of check(current)) {
      const fix = pipelineFixMaker(problem.code)(problem, editor).find(({ safe }) => safe);
      if (fix?.edits.every((edit) => !edits.some((other) => overlaps(edit, other)))) edits.push(...fix.edits);
    }
    const next = changed(current, { edits });
    if (edits.length === 0 || !isReadable(current, next)) {
      return round <= 1 ? first : whole(request.source.text, current.source.text);
    }
    if (round === 0) first = edits;
    current = next;
  }
  return whole(request.source.text, current.source.text);
}

function whole(before: string, after: string): OffsetEdit[] {
  return before === after ? [] : [{ range: { start: 0, end: before.length }, newText: after }];
}
