/** Fixes of the YAML itself. */
import { decodeTask, didYouMean } from '#concourse';
import { replace, type Fix, type FixMaker } from './fix.ts';
import { applyEdits, type OffsetEdit } from './edits.ts';
import { quotedSource, titleText } from './values.ts';

/** What is known to mend the place; tabs in indentation become blanks. */
export const syntax: FixMaker = ({ layout, problem }) => {
  const start = layout.lineStart(problem.range.start);
  const indentation = /^[ \t]*/.exec(layout.text.slice(start))?.[0] ?? '';
  const mended = problem.data?.replacement;
  if (mended !== undefined) {
    return [
      replace(mended.trim() === '' ? 'Replace it by a blank' : `Write ${mended}`, problem.range, mended, {
        preferred: true,
      }),
    ];
  }
  if (!indentation.includes('\t')) return quoted({ layout, problem });
  const everywhere: OffsetEdit[] = [];
  for (const match of layout.text.matchAll(/^[ \t]*\t[ \t]*(?=\S)/gm)) {
    const range = { start: match.index, end: match.index + match[0].length };
    everywhere.push({ range, newText: match[0].replaceAll('\t', '  ') });
  }
  const all: Fix = { title: 'Indent with blanks instead of tabs', edits: everywhere, preferred: true, safe: true };
  if (layout.text.length > MOST_TRIED) return [all];
  const title = 'Indent this line with blanks, like the one beside it';
  const range = { start, end: start + indentation.length };
  const likeNeighbours = [
    layout.text.slice(0, start).trimEnd().split('\n').at(-1),
    layout.text.slice(layout.lineStop(start)).split('\n', 2)[1],
  ]
    .map((line = '') => /^[ \t]*/.exec(line)?.[0] ?? '')
    .filter((blanks) => !blanks.includes('\t'))
    .map((blanks) => replace(title, range, blanks, { preferred: true }));
  // How deep a line has to be only its neighbours show.
  const before = syntaxErrors(layout.text);
  const best = [all, ...likeNeighbours].find(({ edits }) => syntaxErrors(applyEdits(layout.text, edits)) < before);
  return best ? [best] : [];
};

/** Characters of a text that is read again to see what a change makes of it. */
const MOST_TRIED = 200_000;

function syntaxErrors(text: string): number {
  return decodeTask(text).problems.filter(({ code }) => code === 'yaml-syntax').length;
}

/** A plain value that holds `: ` or begins with a special character, on the line of the problem. */
function quoted({ layout, problem }: Pick<Parameters<FixMaker>[0], 'layout' | 'problem'>): Fix[] {
  const start = layout.lineStart(problem.range.start);
  const line = layout.text.slice(start, layout.lineStop(start));
  const match = /^(\s*(?:- )*(?:[\w.-]+:\s+))([^\s"'|>[{#&*!].*: .*|[%@`].*?)\s*$|^(\s*(?:- )+)([%@`].*?)\s*$/.exec(
    line,
  );
  if (!match) return quotedWhole({ layout, problem });
  const [, keyed, keyedValue, listed, listedValue] = match;
  const before = keyed ?? listed;
  const value = keyedValue ?? listedValue;
  if (before === undefined || value === undefined || / #/.test(value)) return [];
  const range = { start: start + before.length, end: start + before.length + value.length };
  return [
    replace(`Quote ${value.length > 40 ? `${value.slice(0, 39)}…` : value}`, range, JSON.stringify(value), {
      preferred: true,
    }),
  ];
}

/** A value that begins like something else (`[ -f x ] && y`, `* x`, `& x`): in quotes it is a text. */
function quotedWhole({ layout, problem }: Pick<Parameters<FixMaker>[0], 'layout' | 'problem'>): Fix[] {
  const start = layout.lineStart(problem.range.start);
  const line = layout.text.slice(start, layout.lineStop(start));
  const [, before, value] = /^(\s*(?:- +)*(?:[\w.-]+: +)?)(.*?\S)\s*$/.exec(line.slice(0, 1_000)) ?? [];
  if (before === undefined || value === undefined || before.trim() === '' || / #/.test(value)) return [];
  if (!/^(?:[*&!{[|>?]|- |["'].*["'] *\S|[^\s"'#].*: )/.test(value) || layout.text.length > MOST_TRIED) return [];
  const range = { start: start + before.length, end: start + before.length + value.length };
  const fix = replace(`Quote ${titleText(value)}`, range, quotedSource(value), { preferred: true });
  const change = applyEdits(layout.text, fix.edits);
  return syntaxErrors(change) < syntaxErrors(layout.text) ? [fix] : [];
}

/** Removes the whole line of a directive. */
export const directive: FixMaker = ({ layout, problem }) => {
  const start = layout.lineStart(problem.range.start);
  const stop = layout.lineStop(problem.range.start);
  let end = layout.text.indexOf('\n', stop) + 1;
  if (end === 0) end = layout.text.length;
  // Without directives the marker that ends them is not needed, and it does no harm.
  return [
    { title: 'Remove the directive', edits: [{ range: { start, end }, newText: '' }], preferred: true, safe: true },
  ];
};

/** Concourse never reads what is behind the first document; the author may still want it, so it never goes unseen. */
export const extraDocument: FixMaker = ({ layout, problem }) => [
  replace('Remove the text that Concourse does not read', { start: problem.range.start, end: layout.text.length }, '', {
    preferred: true,
  }),
];

/** Text to the left of the first key: moved below it. */
export const ignoredText: FixMaker = ({ layout, problem, task }) => {
  const rootColumn = layout.column(task.root.range.start);
  const column = layout.column(problem.range.start);
  const end = layout.text.trimEnd().length;
  const fixes: Fix[] = [];
  if (rootColumn > column && task.root.kind === 'map') {
    const missing = ' '.repeat(rootColumn - column);
    const start = layout.lineStart(problem.range.start);
    const edits: OffsetEdit[] = [...layout.text.slice(start, end).matchAll(/^(?=[^\r\n])/gm)].map((match) => ({
      range: { start: start + match.index, end: start + match.index },
      newText: missing,
    }));
    fixes.push({ title: 'Indent it like the first key', edits, preferred: true });
  }
  return [...fixes, replace('Remove the text that Concourse does not read', { start: problem.range.start, end }, '')];
};

/** `{{name}}` placeholders of Concourse before 4. */
export const curlyVariables: FixMaker = ({ layout }) => {
  const edits = [...layout.text.matchAll(/(?<!["'\w])\{\{([\w./-]+)\}\}/g)].map((match) => ({
    range: { start: match.index, end: match.index + match[0].length },
    newText: `((${match[1] ?? ''}))`,
  }));
  if (edits.length === 0) return [];
  return [{ title: 'Write {{…}} as ((…))', edits, preferred: true, safe: true }];
};

/** An alias without anchor: a spelling mistake, or text that begins with a star. */
export const unknownAnchor: FixMaker = ({ layout, problem }) => {
  const { start, end } = problem.range;
  const alias = layout.text.slice(start, end);
  const before = [...layout.text.slice(0, start).matchAll(/&([^\s,[\]{}]+)/g)].map((match) => match[1] ?? '');
  const meant = didYouMean(alias.slice(1), before);
  const rest = layout.text.slice(start, layout.lineStop(start)).replace(/\s+(?:#.*)?$/, '');
  const range = { start, end: start + rest.length };
  // Without any anchor in the file, or with a name that none can have, only a text can be meant.
  const isText = before.length === 0 || !/^\*[\w-]+$/.test(rest);
  const quote = replace(`Quote ${rest}`, range, quotedSource(rest), isText ? { preferred: true } : {});
  if (meant === undefined || alias === `*${meant}`) return [quote];
  return [replace(`Replace ${alias} by *${meant}`, problem.range, `*${meant}`, { preferred: true }), quote];
};

/** An alias of what it stands in: most likely a text that begins with a star. */
export const recursiveAnchor: FixMaker = ({ layout, problem }) => {
  const alias = layout.text.slice(problem.range.start, problem.range.end);
  return alias.startsWith('*') ? [replace(`Quote ${alias}`, problem.range, JSON.stringify(alias))] : [];
};

/** Escapes of a surrogate pair: the character itself can be written. */
export const surrogateEscape: FixMaker = ({ layout, problem }) => {
  const text = layout.text.slice(problem.range.start);
  const pair = /^\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})/.exec(text);
  if (!pair?.[1] || !pair[2]) return [];
  const character = String.fromCharCode(Number.parseInt(pair[1], 16), Number.parseInt(pair[2], 16));
  const range = { start: problem.range.start, end: problem.range.start + pair[0].length };
  return [replace(`Write ${character}`, range, character, { preferred: true, safe: true })];
};

/** Characters that YAML does not allow in a file. */
export const controlCharacter: FixMaker = ({ problem }) => [
  replace('Remove the character', problem.range, '', { preferred: true }),
];

/** A tag that its value does not fit. */
export const tag: FixMaker = ({ layout, problem }) => {
  const before = layout.text.slice(layout.lineStart(problem.range.start), problem.range.start);
  const match = /(![^\s]*\s+)$/.exec(before);
  if (!match?.[1]) return [];
  const start = problem.range.start - match[1].length;
  return [replace(`Remove ${match[1].trim()}`, { start, end: problem.range.start }, '', { preferred: true })];
};
