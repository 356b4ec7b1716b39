/** `--format text` and `--format github`: a line for each finding. */
import type { Finding } from './findings.ts';

/** `file:line:col: severity rule: message`, counted from 1, as compilers write. */
export function textLine({ file, code, severity, message, start }: Finding): string {
  return `${file}:${start.line + 1}:${start.character + 1}: ${severity} ${code}: ${oneLine(message)}\n`;
}

/**
 * A workflow command of GitHub Actions, which shows it at the line of the file
 * (docs.github.com, "Workflow commands for GitHub Actions").
 */
export function githubLine({ file, code, severity, message, start, end }: Finding): string {
  const command = severity === 'error' || severity === 'warning' ? severity : 'notice';
  const place = [
    ['file', file],
    ['line', String(start.line + 1)],
    ['endLine', String(end.line + 1)],
    // Columns count only where the finding stays in its line.
    ...(start.line === end.line
      ? [
          ['col', String(start.character + 1)],
          ['endColumn', String(end.character + 1)],
        ]
      : []),
    ['title', code],
  ];
  const properties = place.map(([name = '', value = '']) => `${name}=${escapeProperty(value)}`).join(',');
  return `::${command} ${properties}::${escapeData(message)}\n`;
}

function oneLine(message: string): string {
  return message.replaceAll(/\s*\n\s*/g, ' ');
}

function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
