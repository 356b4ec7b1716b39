/** `--format sarif`: SARIF 2.1.0 (docs.oasis-open.org/sarif/sarif/v2.1.0), as code scanning services read it. */
import { isAbsolute } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Log, Region, ReportingDescriptor, Result, Run } from 'sarif';
import { RULES, type Severity } from '#concourse';
import { version } from '../version.ts';
import { UNREADABLE, type Finding } from './findings.ts';

const LEVELS = { error: 'error', warning: 'warning', information: 'note', hint: 'note' } as const satisfies Record<
  Severity,
  Result.level
>;

/** All rules, in the order that `ruleIndex` counts in. */
const DESCRIPTORS: readonly ReportingDescriptor[] = RULES.map(({ id, title, documentation, severity, group }) => ({
  id,
  shortDescription: { text: `${title}.` },
  fullDescription: { text: plainText(documentation) },
  help: { text: plainText(documentation), markdown: documentation },
  defaultConfiguration: severity === 'off' ? { enabled: false, level: 'note' } : { level: LEVELS[severity] },
  properties: { tags: [group] },
}));
const INDEX = new Map(DESCRIPTORS.map(({ id }, index) => [id, index]));

/** The whole report. Files that could not be read are told as notifications: they are no result of a rule. */
export function sarifReport(findings: readonly Finding[]): string {
  const unreadable = findings.filter(({ code }) => code === UNREADABLE);
  const run: Run = {
    tool: {
      driver: {
        name: 'Tarmac',
        semanticVersion: version,
        rules: [...DESCRIPTORS],
      },
    },
    columnKind: 'utf16CodeUnits',
    invocations: [
      {
        executionSuccessful: unreadable.length === 0,
        toolExecutionNotifications: unreadable.map(({ file, message }) => ({
          level: 'error',
          message: { text: message },
          locations: [{ physicalLocation: { artifactLocation: { uri: uriOf(file) } } }],
        })),
      },
    ],
    results: findings.filter(({ code }) => code !== UNREADABLE).map(resultOf),
  };
  const log: Log = { $schema: 'https://json.schemastore.org/sarif-2.1.0.json', version: '2.1.0', runs: [run] };
  return `${JSON.stringify(log, undefined, 2)}\n`;
}

function resultOf({ file, code, severity, message, start, end, related }: Finding): Result {
  const artifactLocation = { uri: uriOf(file) };
  const ruleIndex = INDEX.get(code);
  return {
    ruleId: code,
    ruleIndex,
    level: LEVELS[severity],
    message: { text: message },
    locations: [{ physicalLocation: { artifactLocation, region: regionOf({ start, end }) } }],
    ...(related === undefined
      ? {}
      : { relatedLocations: [{ id: 0, physicalLocation: { artifactLocation, region: regionOf(related) } }] }),
  };
}

/** SARIF counts from 1. */
function regionOf({ start, end }: Pick<Finding, 'start' | 'end'>): Region {
  return {
    startLine: start.line + 1,
    startColumn: start.character + 1,
    endLine: end.line + 1,
    endColumn: end.character + 1,
  };
}

/** A relative path stays relative, to whatever the reader takes for the root; `-` is standard input. */
function uriOf(file: string): string {
  if (file === '-') return 'stdin';
  if (isAbsolute(file)) return pathToFileURL(file).href;
  return file.replaceAll('\\', '/').split('/').map(encodeURIComponent).join('/');
}

/** Markdown without its links and quotes. */
function plainText(markdown: string): string {
  return markdown.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').replaceAll(/[`*]/g, '');
}
