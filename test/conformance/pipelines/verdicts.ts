/** What upstream said of pipelines, and how ours is compared with it. */
import { readTable } from '../verdicts.ts';
import type { PipelineTarget } from '#concourse';

/** What one generation says of a pipeline. */
export interface GenerationVerdict {
  readonly ok: boolean;
  readonly errors: readonly string[];
  readonly warnings: readonly string[];
}

/** A pipeline with what upstream says of it. */
export interface PipelineVerdict {
  readonly file: string;
  readonly stage: string;
  readonly byTarget: Readonly<Record<PipelineTarget, GenerationVerdict>>;
  readonly strictOk: boolean;
  readonly strictError: string;
  readonly setOk: boolean;
}

function unescaped(text: string): string {
  return text.replaceAll(/\\([nt\\])/g, (_match, letter: string) => ({ n: '\n', t: '\t' })[letter] ?? '\\');
}

function list(text: string): string[] {
  return text === '' ? [] : text.split(' | ').map(unescaped);
}

/** The columns of a row; `=` is as the development head. */
export function toPipelineVerdict(row: Readonly<Record<string, string>>, file: string): PipelineVerdict {
  const cell = (name: string): string => row[name] ?? '';
  const next = { ok: cell('ok') === 'true', errors: list(cell('errors')), warnings: list(cell('warnings')) };
  const older = (prefix: string): GenerationVerdict => {
    const [errors, warnings] = [cell(`${prefix}_errors`), cell(`${prefix}_warnings`)];
    return {
      ok: cell(`${prefix}_ok`) === 'true',
      errors: errors === '=' ? next.errors : list(errors),
      warnings: warnings === '=' ? next.warnings : list(warnings),
    };
  };
  return {
    file,
    stage: cell('stage'),
    byTarget: { next, current: older('v825'), '7.14': older('v7') },
    strictOk: cell('strict_ok') === 'true',
    strictError: cell('strict_error'),
    setOk: cell('set_pipeline_ok') === 'true',
  };
}

/** Rows of a table of pipelines. */
export function readPipelineTable(text: string): Record<string, string>[] {
  return readTable(text);
}

/**
 * Messages so that they can be compared: in no order, without what depends on the version of Go. Of the decoder and of
 * YAML only the kind counts: their words are those of Go and of go-yaml.
 */
export function comparable(messages: readonly string[]): string[] {
  return messages
    .map((message) =>
      message
        .replace(/json: cannot unmarshal .*$/s, 'json: cannot unmarshal')
        .replace(/(?<=YAML to JSON: ).*$/s, '')
        .replace(/(^|: )yaml: .*$/s, '$1yaml')
        .replace(/(?<=unmarshal template variables \([^)]*\)).*$/s, '')
        .replaceAll('map[interface {}]interface {}', 'map[string]interface {}'),
    )
    .sort();
}
