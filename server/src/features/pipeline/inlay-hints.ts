/**
 * Inlay hints of a pipeline, few: a resource that is pinned far away, and the file of this checkout that a path means
 * where that is not what it says (a variable of across, `..`).
 */
import type { InlayHint } from 'vscode-languageserver';
import { entryOf, findCheckout, type FlowTrace, type ScalarNode, type TextRange, traceFlow } from '#concourse';
import { lspRange } from '../facts/feature.ts';
import { everyStep, jobsOf, mappingsIn, textAt, textNode, type WrittenStep } from './model.ts';
import type { PipelineRequest } from './request.ts';

/** Which hints to show: the settings `tarmac.inlayHints.*`. */
export interface PipelineHintOptions {
  /** Where a path really leads. */
  readonly paths: boolean;
  /** What is taken though the text does not say it. */
  readonly values: boolean;
}

/** Text behind a scalar. */
interface Hint {
  readonly at: ScalarNode;
  readonly label: string;
  readonly tooltip: string;
}

/** The longest text that a hint shows. */
const MAX_LABEL = 60;

/** The hints of a part of the text, in its order. */
export function pipelineHints(request: PipelineRequest, shown: TextRange, options: PipelineHintOptions): InlayHint[] {
  const { source } = request;
  const steps = jobsOf(source)
    .flatMap((job) => [...everyStep(job.steps)])
    .filter(({ node: { range, written } }) => !written && range.end >= shown.start && range.start <= shown.end);
  const hints = [...(options.values ? pins(request, steps) : []), ...(options.paths ? files(request, steps) : [])];
  return hints
    .filter(({ at: { range, written } }) => !written && range.end >= shown.start && range.end <= shown.end)
    .sort((a, b) => a.at.range.end - b.at.range.end)
    .map(({ at, label, tooltip }) => ({
      position: lspRange(source, { start: at.range.end, end: at.range.end }).start,
      label: label.length > MAX_LABEL ? `${label.slice(0, MAX_LABEL)}…` : label,
      tooltip,
      paddingLeft: true,
    }));
}

/** Gets of resources that are pinned where they are defined. */
function pins({ source }: PipelineRequest, steps: readonly WrittenStep[]): Hint[] {
  const pinned = new Map(
    mappingsIn(source.root, 'resources').flatMap((resource): [string, string][] => {
      const name = textAt(resource, 'name')?.text;
      const version = entryOf(resource, 'version')?.value;
      if (name === undefined || version?.kind !== 'map' || version.entries.length === 0) return [];
      const parts = version.entries.map(
        ({ name: key, value }) => `${key} ${value.kind === 'scalar' ? value.text : '…'}`,
      );
      return [[name, parts.join(', ')]];
    }),
  );
  return steps.flatMap(({ kind, node, core }): Hint[] => {
    const at = textAt(node, 'resource') ?? textNode(core?.value);
    const version = kind === 'get' && at ? pinned.get(at.text) : undefined;
    if (!at || version === undefined) return [];
    return [{ at, label: `pinned: ${version}`, tooltip: `The resource ${at.text} is pinned to ${version}.` }];
  });
}

/** Paths that mean another file of this checkout than they seem to. */
function files({ source, world }: PipelineRequest, steps: readonly WrittenStep[]): Hint[] {
  const paths = steps.flatMap(({ kind, node }) => {
    const at = kind === 'task' || kind === 'set_pipeline' || kind === 'load_var' ? textAt(node, 'file') : undefined;
    return at && /\(\(|\/\.{1,2}\//u.test(at.text) ? [{ node, at }] : [];
  });
  const root = world.path !== undefined && world.files ? findCheckout(world.files, world.path)?.root : undefined;
  if (paths.length === 0 || root === undefined) return [];
  const trace = traceFlow(source, world);
  return paths.flatMap(({ node, at }): Hint[] => {
    const here = insideOf(root, trace.file(node, at.text));
    if (here === undefined) return [];
    return [{ at, label: `→ ${here}`, tooltip: `The file is ${here} of this repository.` }];
  });
}

/** The path below the root of the checkout; undefined for a file that is not here. */
function insideOf(root: string, file: ReturnType<FlowTrace['file']>): string | undefined {
  return file?.kind === 'file' ? file.path.slice(root.length).replace(/^[/\\]/u, '') : undefined;
}
