/** Everything there is to say about a pipeline itself: what its reader found and what the artifact flow finds. */
import { checkFlow, type FlowSource, type PipelineWorld } from '../pipeline/flow.ts';
import { Problems, visibleRange, type Problem, type Severity } from '../text/problem.ts';
import { pipelineTemplate } from '../pipeline/text.ts';
import { templateProblem } from '../text/template.ts';
import { capped, type CheckSettings, DEFAULT_PROBLEM_LIMIT, withSeverities } from './check.ts';
import { FLOW_RULES } from './pipeline/flow.ts';
import { findSuppressions, suppress } from './suppression.ts';

/** Rules that must be asked for. */
const OFF = FLOW_RULES.filter(({ severity }) => severity === 'off').map(({ id }) => id);

/**
 * Checks a pipeline: the problems of its document joined with those of the artifact flow, after settings, comments and
 * cap. Of a template nothing is said but that it is one.
 *
 * @returns in the order of the text; the note about problems that are not shown comes last
 */
export function checkPipeline(source: FlowSource, world: PipelineWorld, settings: CheckSettings = {}): Problem[] {
  const { text, problems: read } = source;
  const mark = pipelineTemplate(source);
  const severities: Partial<Record<string, Severity | 'off'>> = {
    ...Object.fromEntries(OFF.map((id) => [id, 'off'])),
    ...settings.severities,
  };
  const problems = new Problems();
  if (mark) {
    problems.addAll([templateProblem(mark)]);
  } else {
    problems.addAll(read);
    for (const { code, severity, range, message, data } of flowOf(source, world, settings)) {
      problems.add(severity, code, visibleRange(text, range), message, data);
    }
  }
  const { kept } = suppress(problems.sorted(), findSuppressions(text), text);
  const { shown } = withSeverities(kept, severities);
  return capped(shown, settings.limit ?? DEFAULT_PROBLEM_LIMIT);
}

function flowOf(source: FlowSource, world: PipelineWorld, settings: CheckSettings): Problem[] {
  try {
    return checkFlow(source, world);
  } catch (error) {
    // What the reader found is still told.
    settings.onRuleError?.('artifact-missing', error);
    return [];
  }
}
