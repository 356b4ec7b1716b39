/** What the callers of `readPipeline` share: the generation that a task's stands for, and templates. */
import type { Target } from '../task/config.ts';
import { isUnreadable, templateMark, type TemplateMark } from '../text/template.ts';
import type { PipelineTarget } from './config.ts';
import type { Problem } from '../text/problem.ts';

/** The template engine that has to read a pipeline first; undefined for a pipeline as Concourse gets it. */
export function pipelineTemplate({
  text,
  problems,
}: {
  readonly text: string;
  readonly problems: readonly Problem[];
}): TemplateMark | undefined {
  return templateMark(text, isUnreadable(problems));
}

/** The generation of pipelines that goes with one of tasks. */
export function pipelineTarget(target: Target): PipelineTarget {
  return target === '5.5' ? '7.14' : 'current';
}
