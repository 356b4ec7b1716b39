/** Telling template files: what ytt, spruce, Jinja, Helm or ERB make of them is for Concourse, they themselves are not. */
import { linesOf } from '../yaml/outline.ts';
import type { Problem, TextRange } from './problem.ts';

/** A template engine, and the first place that shows it. */
export interface TemplateMark {
  readonly engine: 'ytt' | 'spruce' | 'Jinja' | 'Helm or Go' | 'ERB';
  readonly range: TextRange;
}

/** ytt's directives stand in comments: `#@ load(…)`, `name: #@ value`, `#@data/values`. */
const YTT =
  /(?:^|[ \t])(#[@!](?:[ \t]*(?:load|def|end|for|if|elif|else|while|return)\b|[a-z]+\/[a-z-]+|[ \t]+[A-Za-z_"'[({]).*)/u;

/** spruce's and spiff's operators; `((name))` without blanks is Concourse's own. */
const SPRUCE =
  /(\(\([ \t]+!?(?:append|base64|calc|cartesian-product|concat|defer|delete|empty|file|grab|inject|inline|insert|ips|join|keys|load|merge|ordered|param|prepend|prune|replace|shuffle|sort|static_ips|stringify|vault|vault-try|awsparam|awssecret|nats)(?:[ \t][^)]*)?\)\))/u;

/**
 * Text templates are known by a mark where a value or a line begins. `{{name}}` without blanks was Concourse's own way to
 * write a variable before 8.0, and marks inside of a text are the text's.
 */
const TEXT_TEMPLATES: readonly (readonly [TemplateMark['engine'], RegExp])[] = [
  ['Jinja', /^\s*(?:-[ \t]+)?(\{%[-+]?[ \t]*[a-z]+|\{#)/u],
  ['ERB', /^\s*(?:-[ \t]+)?(?:[\w.-]+:[ \t]+)?["']?(<%)/u],
  [
    'Helm or Go',
    /^\s*(?:-[ \t]+)?(?:[\w.-]+:[ \t]+)?["']?(\{\{-?[ \t]*(?:\.|\$|\/\*|(?:if|else|end|range|with|include|template|define|block|toYaml|tpl)\b))/u,
  ],
  ['Jinja', /^\s*(?:-[ \t]+)?(?:[\w.-]+:[ \t]+)?["']?(\{\{[ \t]+[A-Za-z_]|\{\{[A-Za-z_][\w.]*[ \t]*\|)/u],
];

/** Directives that stand in comments, so that the template can be read as YAML. */
const IN_COMMENTS: readonly (readonly [TemplateMark['engine'], RegExp])[] = [
  ['Helm or Go', /^\s*#+[ \t]*(\{\{-?[ \t]*(?:(?:if|range|with|define|block|template)[ \t]|(?:else|end)\b)[^}]*\}\})/u],
  ['Jinja', /^\s*#+[ \t]*(\{%[-+]?[ \t]*(?:if|for|else|elif|endif|endfor|set|include|macro|block)\b[^%]*%\})/u],
];

/** A block scalar begins: what is indented more is its text. */
const BLOCK = /(?:^|[\s:-])[|>][-+0-9]{0,2}[ \t]*(?:#.*)?$/u;

/** Lines that are no text of a block scalar, each with the offset at which it begins. */
function* structureLines(text: string): Generator<readonly [line: string, start: number]> {
  let start = text.startsWith('\ufeff') ? 1 : 0;
  let block: number | undefined;
  for (const line of linesOf(text)) {
    const column = line.search(/\S/u);
    if (block !== undefined && column >= 0 && column <= block) block = undefined;
    if (block === undefined && column >= 0) {
      yield [line, start];
      if (BLOCK.test(line)) block = column;
    }
    const feed = text.indexOf('\n', start);
    start = feed < 0 ? text.length : feed + 1;
  }
}

/**
 * The engine that a file is written for; undefined for plain YAML.
 *
 * @param unreadable true when the text as it stands cannot be read as YAML, or keys of it are mappings: only then the
 *   marks of text templates count
 */
export function templateMark(text: string, unreadable: boolean): TemplateMark | undefined {
  if (last?.text === text && last.unreadable === unreadable) return last.mark;
  const mark = findMark(text, unreadable);
  last = { text, unreadable, mark };
  return mark;
}

/** Several readers ask about the same text, one after the other. */
let last: { readonly text: string; readonly unreadable: boolean; readonly mark: TemplateMark | undefined } | undefined;

function findMark(text: string, unreadable: boolean): TemplateMark | undefined {
  const structural = ['#@', '#!', '((', '{{', '{%'].some((mark) => text.includes(mark));
  if (!structural && !unreadable) return undefined;
  for (const [line, start] of structureLines(text)) {
    const found =
      markIn(line, start, 'ytt', YTT) ??
      markIn(line, start, 'spruce', SPRUCE) ??
      textMark(line, start, IN_COMMENTS) ??
      (unreadable ? textMark(line, start, TEXT_TEMPLATES) : undefined);
    if (found) return found;
  }
  return undefined;
}

function textMark(line: string, start: number, patterns: typeof TEXT_TEMPLATES): TemplateMark | undefined {
  for (const [engine, pattern] of patterns) {
    const found = markIn(line, start, engine, pattern);
    if (found) return found;
  }
  return undefined;
}

function markIn(
  line: string,
  start: number,
  engine: TemplateMark['engine'],
  pattern: RegExp,
): TemplateMark | undefined {
  const match = pattern.exec(line);
  if (!match) return undefined;
  const mark = match[1] ?? match[0];
  const at = start + match.index + match[0].length - mark.length;
  return { engine, range: { start: at, end: at + mark.trimEnd().length } };
}

/** True when one of the problems of the syntax shows that the text is no YAML that Concourse can read. */
export function isUnreadable(problems: readonly Problem[]): boolean {
  return problems.some(({ severity, code }) => severity === 'error' && code.startsWith('yaml-'));
}

/** What is said of a template, in place of everything else. */
export function templateProblem({ engine, range }: TemplateMark): Problem {
  return {
    code: 'template',
    severity: 'information',
    range,
    message: `This file is a template for ${engine}: what Concourse gets is not known here. Check what the template renders to.`,
  };
}
