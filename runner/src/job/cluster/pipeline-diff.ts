/** What a pipeline would change, as `fly set-pipeline` shows it: by section and name, with the lines that differ. */
import { stringify } from 'yaml';
import { looksSecret, secretTexts } from '../../redact/secret-names.ts';
import { needlesOf, redactText } from '../../redact/redact.ts';
import { isList, isMap, jsonText, type Value, type ValueMap } from '../values/values.ts';

const SECTIONS = [
  ['var_sources', 'variable source'],
  ['resource_types', 'resource type'],
  ['resources', 'resource'],
  ['groups', 'group'],
  ['jobs', 'job'],
] as const;

/**
 * The lines of a difference; none when there is none. Texts that look like secrets are not in it.
 *
 * @param before undefined when there is nothing to compare with: all is new
 */
export function pipelineDiff(before: ValueMap | undefined, after: ValueMap): string[] {
  const needles = needlesOf(secretTexts(JSON.parse(jsonText([before ?? {}, after])), looksSecret));
  const lines = SECTIONS.flatMap(([key, what]) => {
    const old = byName(before?.[key]);
    const young = byName(after[key]);
    const names = [...new Set([...old.keys(), ...young.keys()])];
    return names.flatMap((name) => itemDiff(`${what} ${name}`, old.get(name), young.get(name)));
  });
  return lines.map((line) => redactText(line, needles));
}

function byName(list: Value | undefined): Map<string, Value> {
  const items = isList(list) ? list.filter(isMap) : [];
  return new Map(items.map((item) => [typeof item['name'] === 'string' ? item['name'] : '', item]));
}

function itemDiff(what: string, before: Value | undefined, after: Value | undefined): string[] {
  const old = linesOf(before);
  const young = linesOf(after);
  const change = before === undefined ? 'added' : after === undefined ? 'removed' : 'changed';
  const lines = changed(old, young);
  return lines.length === 0 ? [] : [`${what} would be ${change}:`, ...lines.map((line) => `  ${line}`)];
}

function linesOf(value: Value | undefined): string[] {
  if (value === undefined) return [];
  return stringify(JSON.parse(jsonText(value)))
    .trimEnd()
    .split('\n');
}

/** Lines that are only in one of two texts, by their longest common part. */
function changed(old: readonly string[], young: readonly string[]): string[] {
  const common = Array.from({ length: old.length + 1 }, () => new Array<number>(young.length + 1).fill(0));
  const at = (row: number, column: number): number => common[row]?.[column] ?? 0;
  for (let row = old.length - 1; row >= 0; row--) {
    for (let column = young.length - 1; column >= 0; column--) {
      const line = common[row] as number[];
      line[column] =
        old[row] === young[column] ? at(row + 1, column + 1) + 1 : Math.max(at(row + 1, column), at(row, column + 1));
    }
  }
  const lines: string[] = [];
  let row = 0;
  let column = 0;
  while (row < old.length || column < young.length) {
    if (row < old.length && column < young.length && old[row] === young[column]) {
      row += 1;
      column += 1;
    } else if (row < old.length && (column === young.length || at(row + 1, column) >= at(row, column + 1))) {
      lines.push(`- ${old[row++] ?? ''}`);
    } else {
      lines.push(`+ ${young[column++] ?? ''}`);
    }
  }
  return lines;
}
