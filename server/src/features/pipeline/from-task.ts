/** From a task file to the pipelines that use it: where they name its params, inputs and outputs, and their rename. */
import type { Location, TextDocumentEdit } from 'vscode-languageserver';
import { nodeAt, type TaskDocument, traceFlow } from '#concourse';
import { lspRange, type PlaceRequest } from '../facts/feature.ts';
import { textEdits } from '../facts/text-edits.ts';
import type { OffsetEdit } from '../fixes/edits.ts';
import { scalarSource } from '../fixes/layout.ts';
import { PipelineEditor } from '../pipeline-fixes/editor.ts';
import type { RenameRefusal } from '../symbols/rename.ts';
import type { TaskSymbol } from '../symbols/symbol.ts';
import { symbolAt } from '../symbols/symbols.ts';
import { everyStep, jobsOf, textAt, type WrittenStep } from './model.ts';
import type { PipelineRequest } from './request.ts';
import { entriesOf, spotsOf } from './spots.ts';

/** What a task file has and a step of a pipeline names. */
interface Port {
  readonly kind: 'param' | 'input' | 'output';
  readonly name: string;
}

const MAPPINGS = { input: 'input_mapping', output: 'output_mapping' } as const;

/** The places in pipelines that name what stands at a place of a task file. */
export function referencesInPipelines(request: PlaceRequest, pipelines: readonly PipelineRequest[]): Location[] {
  const ports = portsAt(request);
  if (ports.length === 0) return [];
  return pipelines.flatMap((pipeline) => {
    const steps = new Set(stepsWith(pipeline, request.environment.path ?? ''));
    return spotsOf(pipeline.source)
      .filter(({ kind, name, step }) => {
        return step && steps.has(step) && ports.some((port) => port.kind === kind && port.name === name);
      })
      .map(({ range }) => ({ uri: pipeline.uri, range: lspRange(pipeline.source, range) }));
  });
}

/**
 * What a rename in a task file changes in the pipelines that use it: keys of params and mappings. A step that gives an
 * input or takes an output by its name gets a mapping, so that the artifact keeps its name.
 */
export function renameInPipelines(
  request: PlaceRequest,
  newName: string,
  pipelines: readonly PipelineRequest[],
): readonly TextDocumentEdit[] | RenameRefusal {
  const ports = portsAt(request);
  const changes: TextDocumentEdit[] = [];
  for (const pipeline of ports.length > 0 ? pipelines : []) {
    const editor = new PipelineEditor(pipeline);
    const edits = new Map<number, OffsetEdit>();
    for (const step of stepsWith(pipeline, request.environment.path ?? '')) {
      for (const port of ports) {
        const own = editsOf(editor, step, port, newName);
        if (!own) {
          const { line } = pipeline.source.positionAt(step.node.range.start);
          const name = pipeline.uri.slice(pipeline.uri.lastIndexOf('/') + 1);
          return {
            refused: `The step in line ${line + 1} of ${name} names it in a way that cannot be changed here. Rename it there first.`,
          };
        }
        for (const edit of own) edits.set(edit.range.start, edit);
      }
    }
    if (edits.size === 0) continue;
    changes.push({
      textDocument: { uri: pipeline.uri, version: null },
      edits: textEdits(pipeline.source, [...edits.values()]),
    });
  }
  return changes;
}

/** Edits of one step; undefined where it cannot be changed. */
function editsOf(editor: PipelineEditor, step: WrittenStep, port: Port, newName: string): OffsetEdit[] | undefined {
  const holder = port.kind === 'param' ? 'params' : MAPPINGS[port.kind];
  const named = entriesOf(step.node, holder).find(({ name }) => name === port.name);
  if (named) {
    const { range, written } = named.key;
    return [{ range: written ?? range, newText: scalarSource(newName) }];
  }
  if (port.kind === 'param') return [];
  const mapping = { [scalarSource(newName)]: scalarSource(port.name) };
  const edits = editor.addTo(step.node, holder, mapping);
  return edits.length > 0 ? edits : undefined;
}

/** The steps of a pipeline that name a task file, each place once. */
function stepsWith({ source, world }: PipelineRequest, path: string): WrittenStep[] {
  const trace = traceFlow(source, world);
  const seen = new Set<number>();
  return jobsOf(source).flatMap((job) =>
    [...everyStep(job.steps)].filter(({ kind, node }) => {
      const written = kind === 'task' ? textAt(node, 'file') : undefined;
      const found = written && trace.file(node, written.text);
      const start = (node.written ?? node.range).start;
      if (found?.kind !== 'file' || found.path !== path || seen.has(start)) return false;
      seen.add(start);
      return true;
    }),
  );
}

/** What of a task file a step can name, at a place of it. */
function portsAt(request: PlaceRequest): Port[] {
  const { task, offset } = request;
  if (task.place !== 'file') return [];
  const symbol = symbolAt(request, offset)?.symbol;
  if (!symbol) return [];
  if (symbol.kind === 'param') return [{ kind: 'param', name: symbol.name }];
  return [...declared(task, symbol, 'input'), ...declared(task, symbol, 'output')];
}

function declared({ root, config }: TaskDocument, symbol: TaskSymbol, kind: 'input' | 'output'): Port[] {
  const list = `${kind}s` as const;
  return (config[list] ?? []).flatMap(({ name }, index) => {
    const range = nodeAt(root, [list, index, 'name'])?.range;
    const named = symbol.occurrences.some(
      ({ role, range: at }) => role === 'declaration' && range && range.start <= at.start && at.end <= range.end,
    );
    return named ? [{ kind, name }] : [];
  });
}
