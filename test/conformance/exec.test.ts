import { spawn } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { parseJson, type ValueMap } from '#internal/runner/src/job/values/values.ts';
import { comparable } from './exec-compare.ts';
import { runCase, type ExecCase } from './exec-run.ts';

const folder = join(import.meta.dirname, 'exec');
const names = readdirSync(folder)
  .filter((name) => name.endsWith('.yml'))
  .map((name) => name.slice(0, -'.yml'.length));

const read = (file: string): string => readFileSync(join(folder, file), 'utf8');
// The cases are YAML 1.2: a step may be called n.
const jsonOf = (name: string): string => JSON.stringify(parse(read(`${name}.yml`)));
const caseOf = (name: string): ExecCase => parseJson(jsonOf(name)) as unknown as ExecCase;
const recorded = (name: string): ValueMap => parseJson(read(`${name}.json`)) as ValueMap;

describe('jobs run as upstream recorded them', () => {
  test('all 196 recordings are here', () => {
    expect(names).toHaveLength(196);
  });

  test.each(names)('%s', async (name) => {
    expect(comparable(await runCase(caseOf(name)))).toEqual(comparable(recorded(name)));
  });
});

describe('exec-cases.ts', () => {
  test('prints one result a line for each case, every digit kept, and goes on after one that is none', async () => {
    const chosen = ['vars-21-long-number', 'abort-15-slow-to-stop'];
    const program = spawn(process.execPath, [join(import.meta.dirname, 'exec-cases.ts')]);
    const lines = chosen.map(jsonOf);
    program.stdin.end(
      [lines[0], '{"pipeline":{"jobs":[{"name":"j","plan":[{"get":"no"}]}]}}', lines[1], ''].join('\n'),
    );
    const [out, errors] = await Promise.all([text(program.stdout), text(program.stderr)]);
    expect(errors).toBe('');
    const results = out
      .trimEnd()
      .split('\n')
      .map((line) => parseJson(line) as ValueMap);
    expect(results).toHaveLength(3);
    expect(results[1]).toEqual({ failed_to_run: "j/do[0]: the pipeline has no resource 'no'." });
    for (const [index, name] of [
      [0, chosen[0]],
      [2, chosen[1]],
    ] as const) {
      expect(comparable(results[index] ?? {})).toEqual(comparable(recorded(name ?? '')));
    }
    expect(out).toContain('1234567890123456789');
  });
});
