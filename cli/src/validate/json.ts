/** `--format json`: the verdict, the decoded configuration and the problems of each file. */
import { pipelineConfigJson, type Severity, taskConfigJson } from '#concourse';
import { isValid, type Checked } from './checked.ts';
import { findingsOf, type Finding } from './findings.ts';

function problemJson({ code, severity, message, start, end, related }: Finding): string {
  return JSON.stringify({ code, severity, message, range: { start, end }, related });
}

/**
 * One element of the report, positions as in LSP. A task has its `config`. A pipeline has fly's `errors` and `warnings`,
 * its `config` (null where fly cannot decode it), and its `tasks`, each with line and config. Configurations keep every digit of a 64-bit limit, so they are joined as text.
 */
export function fileJson(checked: Checked, least: Severity): string {
  const file = JSON.stringify(checked.file);
  const problems = findingsOf(checked, least).map(problemJson).join(',');
  const kind = 'unreadable' in checked ? '' : `"kind":"${checked.kind}",`;
  return `{"file":${file},${kind}"valid":${String(isValid(checked))},${contentJson(checked)},"problems":[${problems}]}`;
}

function contentJson(checked: Checked): string {
  if ('unreadable' in checked) return '"config":null';
  const { tasks, pipeline } = checked;
  if (!pipeline) return `"config":${tasks[0] ? taskConfigJson(tasks[0].config) : 'null'}`;
  const parts = tasks.map((task) => {
    const { line } = task.positionAt(task.range.start);
    return `{"line":${line},"valid":${String(task.valid)},"config":${taskConfigJson(task.config)}}`;
  });
  const { document, errors, warnings } = pipeline;
  const decoded = document.stage === 'ok' || document.stage === 'validate';
  const config = decoded ? pipelineConfigJson(document.config) : 'null';
  const words = Object.entries({ errors, warnings, setPipelineErrors: document.setErrors });
  const lists = words.map(([name, list]) => `"${name}":${JSON.stringify(list)}`).join(',');
  return `${lists},"config":${config},"tasks":[${parts.join(',')}]`;
}
