/** `--format json`: the verdict, the decoded configuration and the problems of each file. */
import { type Severity, taskConfigJson } from '#concourse';
import { isValid } from './checked.ts';
import type { Checked } from './checked.ts';
import { findingsOf } from './findings.ts';
import type { Finding } from './findings.ts';

function problemJson({ code, severity, message, start, end, related }: Finding): string {
  return JSON.stringify({ code, severity, message, range: { start, end }, ...(related ? { related } : {}) });
}

/**
 * One element of the report, positions as in LSP. A task has its `config`, a pipeline has its `tasks`, each with line and
 * config. Configurations keep every digit of a 64-bit limit, so they are joined as text.
 */
export function fileJson(checked: Checked, least: Severity): string {
  const file = JSON.stringify(checked.file);
  const problems = findingsOf(checked, least).map(problemJson).join(',');
  return `{"file":${file},"valid":${String(isValid(checked))},${contentJson(checked)},"problems":[${problems}]}`;
}

function contentJson(checked: Checked): string {
  if ('unreadable' in checked) return '"config":null';
  const { kind, tasks } = checked;
  if (kind === 'task') return `"config":${tasks[0] ? taskConfigJson(tasks[0].config) : 'null'}`;
  const parts = tasks.map((task) => {
    const { line } = task.positionAt(task.range.start);
    return `{"line":${line},"valid":${String(task.valid)},"config":${taskConfigJson(task.config)}}`;
  });
  return `"config":null,"tasks":[${parts.join(',')}]`;
}
