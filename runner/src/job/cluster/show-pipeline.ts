/** What a `set_pipeline` step would set, beside the file on this machine. Nothing is set. */
import { loadVars } from '#concourse';
import { readJobPipeline } from '../plan/read-pipeline.ts';
import { pipelineDiff } from './pipeline-diff.ts';

/**
 * The lines to show, and whether Concourse would take the pipeline.
 *
 * @param before what the pipeline is compared with: the text of a file of this machine, undefined when there is none
 */
export function showPipeline(
  name: string,
  text: string,
  before: { readonly text: string | undefined; readonly file: string },
): { readonly ok: boolean; readonly lines: readonly string[] } {
  // Vars stay as they are written: their values are nobody's to read here.
  const { vars } = loadVars({});
  const after = readJobPipeline(text, vars, name);
  if ('wrong' in after) return { ok: false, lines: [`invalid pipeline ${name}:`, ...after.wrong] };
  const old = before.text === undefined ? undefined : readJobPipeline(before.text, vars, before.file);
  const known = old !== undefined && 'pipeline' in old;
  const lines = pipelineDiff(known ? old.pipeline : undefined, after.pipeline);
  const against = known ? `beside ${before.file}` : `${before.file} is not there to compare with, so all is new`;
  const head = `held back: nothing is set. The pipeline ${name} would change (${against}):`;
  return {
    ok: true,
    lines: lines.length === 0 ? [`held back: the pipeline ${name} is as in ${before.file}`] : [head, ...lines],
  };
}
