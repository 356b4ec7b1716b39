/** Fixes of single values: quotes, shapes, limits, lifetimes. */
import { isMap, isScalar, isSeq } from 'yaml';
import { nodeAt, parseDuration } from '#concourse';
import { replace, type Fix, type FixContext, type FixMaker } from './fix.ts';
import { scalarSource, startOf } from './layout.ts';

/** The text of the problem's range. */
function written({ problem, layout }: FixContext): string {
  return layout.text.slice(problem.range.start, problem.range.end);
}

/** A text in the quotes that leave it most readable. */
export function quotedSource(text: string): string {
  return /["\\]/.test(text) && !/[^ -~\u00a0-\ud7ff]/.test(text)
    ? `'${text.replaceAll("'", "''")}'`
    : JSON.stringify(text);
}

/** Shortened for a title: one line, at most 40 characters. */
export function titleText(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ');
  return line.length > 40 ? `${line.slice(0, 39)}…` : line;
}

/** Puts the replacement that the rule knows in the place of the problem's range. */
function byReplacement(context: FixContext, flags: Partial<Fix>): Fix[] {
  const replacement = context.problem.data?.replacement;
  if (replacement === undefined) return [];
  const old = written(context);
  const quotes = JSON.stringify(old) === replacement;
  const title =
    old === ''
      ? `Write ${titleText(replacement)}`
      : quotes
        ? `Quote ${titleText(old)}`
        : `Replace ${titleText(old)} by ${titleText(replacement)}`;
  return [replace(title, context.problem.range, replacement, flags)];
}

/** Any rule that knows what to write instead. */
export const replacement: FixMaker = (context) => byReplacement(context, { preferred: true });

/** Concourse rejects the file until this is done, and only this can be meant. */
export const safeReplacement: FixMaker = (context) => byReplacement(context, { preferred: true, safe: true });

/**
 * A plain value that YAML 1.1 reads as something else. Quoting changes what the task gets, so that it is never done
 * unseen; writing what it becomes changes nothing.
 */
export const valueChanges: FixMaker = (context) => {
  const { becomes, replacement: quoted } = context.problem.data ?? {};
  const fixes = byReplacement(context, { preferred: true });
  if (becomes === undefined || becomes === quoted) return fixes;
  return [
    ...fixes,
    replace(`Write "${titleText(becomes)}", which is what it becomes`, context.problem.range, JSON.stringify(becomes)),
  ];
};

/** A scalar that older Concourse turns into a text: with quotes every generation reads it. */
export const coercedScalar: FixMaker = (context) => {
  const { becomes, replacement: quoted } = context.problem.data ?? {};
  // The text that the task gets stays the same exactly when quoting keeps it.
  const same = becomes !== undefined && quoted === JSON.stringify(becomes);
  return byReplacement(context, same ? { preferred: true, safe: true } : { preferred: true });
};

/** A list written as a mapping, one name instead of a list, and the like. */
export const wrongType: FixMaker = (context) => {
  const { problem, task } = context;
  if (problem.data?.replacement !== undefined) {
    const path = problem.data.path ?? [];
    if (path.at(-1) === 'ttl') return durationOfNumber(context);
    const name = nodeAt(task.root, problem.data.path ?? []);
    if (problem.data.replacement.startsWith('name: ') && name?.kind === 'scalar') {
      const item = `name: ${scalarSource(name.text)}`;
      return [replace(`Write ${titleText(item)}`, problem.range, item, { preferred: true, safe: true })];
    }
    // A variable has no value yet, whatever its form.
    const variable = problem.data.replacement.startsWith('((');
    return byReplacement(context, variable ? { preferred: true } : { preferred: true, safe: true });
  }
  const path = problem.data?.path ?? [];
  const node = nodeAt(task.root, path);
  if (!node) return [];
  const text = written(context);
  if (node.kind !== 'scalar' && isItemOrWord(path)) return asText(context, text);
  if (node.kind === 'map' && (path.at(-1) === 'inputs' || path.at(-1) === 'outputs' || path.at(-1) === 'caches')) {
    return asList(context);
  }
  if (node.kind === 'list' && path.length === 1 && path[0] === 'params') return paramsAsMapping(context);
  if (node.kind === 'scalar' && path.length === 1 && (path[0] === 'inputs' || path[0] === 'outputs')) {
    if (text === '' || /\n|\(\(/.test(text)) return [];
    return [
      replace(`Make it a list: [{name: ${titleText(text)}}]`, problem.range, `[{name: ${text}}]`, { preferred: true }),
    ];
  }
  if (node.kind === 'scalar' && path.at(-1) === 'image_resource') {
    const source = `{type: registry-image, source: {repository: ${text}}}`;
    const simple = /^[\w./-]+$/.test(text);
    return simple ? [replace('Make it a registry-image', problem.range, source, { preferred: true })] : [];
  }
  return [];
};

/** A place where Concourse wants a text: an argument, or a value of `run`. */
function isItemOrWord(path: readonly (string | number)[]): boolean {
  return path[0] === 'run' && (path.at(-2) === 'args' || ['path', 'dir', 'user'].includes(String(path.at(-1))));
}

/** A text that YAML takes for a mapping or a list: in quotes it is one. */
function asText({ problem, layout }: FixContext, text: string): Fix[] {
  const whole = text.trimEnd();
  if (whole === '' || /[\r\n]/.test(whole) || /(?:^|\s)[&*]\w/.test(whole)) return [];
  // Behind a bracket the text may go on: `[ -f x ] && y`.
  const range = { start: problem.range.start, end: problem.range.start + whole.length };
  const rest = layout.text.slice(range.end, layout.lineStop(range.end));
  if (!/^\s*(?:#.*|[,\]}].*)?$/.test(rest)) return [];
  return [replace(`Quote ${titleText(whole)}`, range, quotedSource(whole), { preferred: true, safe: true })];
}

/** `inputs: {name: x}` written as a mapping: one item, or a name with its fields per key. */
function asList({ problem, layout }: FixContext): Fix[] {
  const map = layout.mapAt(problem.range.start);
  if (!map || map.items.length === 0) return [];
  const keys = map.items.map((pair) => (isScalar(pair.key) ? (pair.key.source ?? '') : ''));
  const oneItem = keys.every((key) => ['name', 'path', 'optional', 'ttl'].includes(key));
  if (!oneItem) return [];
  const title = "Make it a list with one item ('- ')";
  if (map.flow === true) {
    return [
      {
        title,
        edits: [
          { range: { start: problem.range.start, end: problem.range.start }, newText: '[' },
          { range: { start: problem.range.end, end: problem.range.end }, newText: ']' },
        ],
        preferred: true,
        safe: true,
      },
    ];
  }
  const edits = map.items.flatMap((pair, index) => {
    const start = startOf(pair.key);
    if (start === undefined) return [];
    return [{ range: { start, end: start }, newText: index === 0 ? '- ' : '  ' }];
  });
  const simple = map.items.every((pair) => isScalar(pair.value) || pair.value === null);
  return simple ? [{ title, edits, preferred: true, safe: true }] : [];
}

/** `params` as a list of `NAME=value` or of one-key mappings. */
function paramsAsMapping({ problem, layout }: FixContext): Fix[] {
  const list = layout.collectionAt(problem.range.start);
  if (!isSeq(list) || list.flow === true || list.items.length === 0) return [];
  const edits = [];
  for (const item of list.items) {
    const start = startOf(item);
    if (start === undefined) return [];
    const dash = layout.text.lastIndexOf('-', start - 1);
    if (dash < layout.lineStart(start) || !/^-[ \t]+$/.test(layout.text.slice(dash, start))) return [];
    if (isMap(item) && item.flow !== true && item.items.length === 1) {
      edits.push({ range: { start: dash, end: start }, newText: '' });
      continue;
    }
    const pair = isScalar(item) ? /^([A-Za-z_]\w*)=(.*)$/.exec(item.source ?? '') : null;
    if (!isScalar(item) || !item.range || !pair?.[1]) return [];
    edits.push({ range: { start: dash, end: item.range[1] }, newText: `${pair[1]}: ${JSON.stringify(pair[2] ?? '')}` });
  }
  // Items of a list may stand in the column of its key; entries of a mapping may not.
  const holder = layout.holderOf(list);
  const column = layout.column(problem.range.start);
  const keyColumn = holder ? layout.column(startOf(holder.pair.key) ?? 0) : 0;
  const indent = column > keyColumn ? '' : '  ';
  const title = "Make it a mapping ('NAME: value')";
  const indented = edits.map((edit) => ({ ...edit, newText: indent + edit.newText }));
  return [{ title, edits: indented, preferred: true, safe: true }];
}

/** A lifetime without unit. */
function durationOfNumber(context: FixContext): Fix[] {
  const number = written(context);
  if (!/^\d+$/.test(number)) return [];
  return [
    replace(`Write ${number}h (hours)`, context.problem.range, `${number}h`),
    replace(`Write ${number}m (minutes)`, context.problem.range, `${number}m`),
    replace(`Write ${number}s (seconds)`, context.problem.range, `${number}s`),
  ];
}

/** Words for units that Go does not know. */
const UNITS: Readonly<Record<string, string>> = {
  ...{ week: 'w', weeks: 'w', day: 'd', days: 'd', hour: 'h', hours: 'h', hr: 'h', hrs: 'h' },
  ...{ min: 'm', mins: 'm', minute: 'm', minutes: 'm', sec: 's', secs: 's', second: 's', seconds: 's' },
};

/** Hours of the units that are written in hours. */
const HOURS: Readonly<Record<string, number>> = { h: 1, d: 24, w: 168 };

/** The Go duration that a text most likely means; undefined when there is no guess. */
function meantDuration(text: string): string | undefined {
  let hours = 0;
  let smaller = '';
  const part = /(\d+(?:\.\d+)?)\s*([a-z]+)\s*,?\s*/g;
  const rest = text
    .trim()
    .toLowerCase()
    .replaceAll(part, (_all, number: string, written: string) => {
      const unit = UNITS[written] ?? written;
      const inHours = HOURS[unit];
      if (inHours === undefined) smaller += `${number}${unit}`;
      else hours += Number(number) * inHours;
      return '';
    });
  const result = `${hours > 0 ? `${hours}h` : ''}${smaller}`;
  const parsed = rest === '' ? parseDuration(result) : undefined;
  return parsed?.ok === true && parsed.nanoseconds >= 1_000_000_000n ? result : undefined;
}

/** A lifetime that Go does not read, or one that is too short. */
export const cacheLifetime: FixMaker = (context) => {
  const { problem, layout } = context;
  const node = nodeAt(context.task.root, problem.data?.path ?? []);
  const text = node?.kind === 'scalar' ? node.text : '';
  const meant = meantDuration(text);
  const parsed = parseDuration(text);
  const fixes: Fix[] = [];
  if (meant !== undefined) {
    fixes.push(replace(`Write ${meant}`, problem.range, meant, { preferred: true, safe: true }));
  } else if (parsed.ok && parsed.nanoseconds > 0n) {
    fixes.push(replace('Write 1s, the shortest ttl', problem.range, '1s', { preferred: true }));
  }
  const entry = layout.entryOfValueAt(problem.range.start);
  const edits = entry ? layout.remove(entry) : [];
  if (edits.length > 0) fixes.push({ title: "Remove 'ttl': the cache is kept for good", edits });
  return fixes;
};

const MEMORY = /^\s*(\d+(?:\.\d+)?)\s*(b|bytes?|[kmgt](?:i?b?)|)\s*$/i;

/** A size that Concourse does not read: decimals, blanks, terabytes, a lone B. */
export const memoryLimit: FixMaker = (context) => {
  const { problem } = context;
  const node = nodeAt(context.task.root, problem.data?.path ?? []);
  const match = MEMORY.exec(node?.kind === 'scalar' ? node.text : '');
  if (!match) return removeEntry(context, 'memory');
  let amount = Number(match[1]);
  let unit = (match[2] ?? '').toUpperCase().charAt(0);
  if (unit === 'B') unit = '';
  if (unit === 'T') {
    amount *= 1024;
    unit = 'G';
  }
  const smaller: Readonly<Record<string, string>> = { G: 'M', M: 'K', K: '' };
  while (!Number.isInteger(amount) && unit !== '') {
    amount *= 1024;
    unit = smaller[unit] ?? '';
  }
  if (!Number.isSafeInteger(amount)) return removeEntry(context, 'memory');
  const text = unit === '' ? String(amount) : `${amount}${unit}B`;
  return [replace(`Write ${text}`, problem.range, text, { preferred: true, safe: true })];
};

/** A share of CPUs with quotes or a unit. */
export const cpuLimit: FixMaker = (context) => {
  const { problem } = context;
  const node = nodeAt(context.task.root, problem.data?.path ?? []);
  const text = node?.kind === 'scalar' ? node.text.trim() : '';
  if (/^\d+$/.test(text)) {
    return [replace(`Write ${text} without quotes`, problem.range, text, { preferred: true, safe: true })];
  }
  const milli = /^(\d+)m$/.exec(text)?.[1];
  if (milli !== undefined) return [replace(`Write ${milli}`, problem.range, milli, { preferred: true })];
  return removeEntry(context, 'cpu');
};

/** A number that wraps around: 0 is how Concourse says "unlimited". */
export const wrappingLimit: FixMaker = (context) => {
  const positive = /^-(\d+)$/.exec(written(context))?.[1];
  const unlimited = replace('Write 0: unlimited', context.problem.range, '0', { preferred: true });
  if (positive === undefined || positive === '1') return [unlimited];
  return [unlimited, replace(`Write ${positive}`, context.problem.range, positive)];
};

/** A limit that Concourse takes as 0, and so does not limit. */
export const ignoredLimit: FixMaker = (context) =>
  removeEntry(context, String(context.problem.data?.path?.at(-1) ?? ''));

/** Far too little CPU for a pod: whole CPUs may be meant. */
export const smallCpu: FixMaker = ({ problem }) => {
  const more = problem.data?.replacement;
  const one = replace('Write 1000: one CPU on Kubernetes', problem.range, '1000');
  if (more === undefined || more === '1000') return [one];
  return [replace(`Write ${more}`, problem.range, more), one];
};

/** A param whose name no shell can use. */
export const environmentName: FixMaker = ({ problem, task }) => {
  const params = nodeAt(task.root, ['params']);
  const taken = new Set(params?.kind === 'map' ? params.entries.map(({ name }) => name) : []);
  const words = (problem.data?.key ?? '').replaceAll(/\W+/g, '_').replaceAll(/^_+|_+$/g, '');
  const name = /^\d/.test(words) ? `_${words}` : words;
  if (name === '' || taken.has(name)) return [];
  return [replace(`Rename it to '${name}'`, problem.range, scalarSource(name), { preferred: true })];
};

/** A list or mapping as a param: the text that the variable gets. */
export const structuredParam: FixMaker = (context) => {
  const name = String(context.problem.data?.path?.at(-1) ?? '');
  const node = nodeAt(context.task.root, ['params', name]);
  const text = context.task.config.params?.[name];
  const entry = context.layout.entryAt(context.problem.range.start);
  if (!node || node.kind === 'scalar' || text === undefined || !entry) return [];
  const quoted = `'${text.replaceAll("'", "''")}'`;
  return [{ title: 'Write it as the text that the variable gets', edits: context.layout.fill(entry, quoted) }];
};

function removeEntry({ problem, layout }: FixContext, key: string): Fix[] {
  const entry = layout.entryOfValueAt(problem.range.start);
  const edits = entry ? layout.remove(entry) : [];
  return edits.length > 0 ? [{ title: `Remove '${key}'`, edits }] : [];
}
