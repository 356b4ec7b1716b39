/** Finds what a request is about: the task at a place of a file, or the pipeline that the file is. */
import type { TaskDocument } from '#concourse';
import type { PlaceRequest } from '../features/facts/feature.ts';
import type { PipelinePlaceRequest, PipelineRequest } from '../features/pipeline/request.ts';
import type { OpenSourceFile } from './session.ts';

/**
 * The task that a place in a file belongs to. In a pipeline a task reaches over the blank lines below it, as long as the
 * place is as deep as the keys of the task: that is where its next key is typed.
 */
export function taskAt(tasks: readonly TaskDocument[], offset: number): TaskDocument | undefined {
  return tasks.findLast((task) => task.place === 'file' || reaches(task, offset));
}

function reaches({ text, range, indent }: TaskDocument, offset: number): boolean {
  const lineStart = text.lastIndexOf('\n', range.start - 1) + 1;
  if (offset < Math.min(range.start, Math.max(lineStart, range.start - indent))) return false;
  if (offset <= range.end) return true;
  const between = text.slice(range.end, offset);
  if (/\S/u.test(between)) return false;
  return offset - (text.lastIndexOf('\n', offset - 1) + 1) >= indent || !between.includes('\n');
}

/** The request for a feature at a place; undefined where no task is. */
export function placeRequest(
  file: OpenSourceFile,
  position: { readonly line: number; readonly character: number },
): PlaceRequest | undefined {
  const offset = file.document.text.offsetAt(position);
  const task = taskAt(file.tasks, offset);
  return task && { task, uri: file.uri, environment: file.environmentOf(task), offset };
}

/** The request for a feature of a pipeline; undefined for any other file. */
export function pipelineRequest({ pipeline, uri, tasks, vars }: OpenSourceFile): PipelineRequest | undefined {
  return pipeline && { ...pipeline, uri, tasks, vars };
}

/** The request for a feature at a place of a pipeline; undefined for any other file. */
export function pipelinePlace(
  file: OpenSourceFile,
  position: { readonly line: number; readonly character: number },
): PipelinePlaceRequest | undefined {
  const request = pipelineRequest(file);
  return request && { ...request, offset: file.document.text.offsetAt(position) };
}
