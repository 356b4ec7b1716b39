/** The tasks and the pipeline in a text, decoded once for all that look for problems: editor, folders, command line. */
import {
  decodePipeline,
  decodeTask,
  type ParsedFile,
  parseFile,
  type PipelineDocument,
  readPipeline,
  type ReadPipelineOptions,
  type Target,
  type TaskDocument,
} from '#concourse';

/** What is in a text. `other` is neither a task nor a pipeline: nothing is said of it. */
export interface DecodedText {
  readonly kind: 'task' | 'pipeline' | 'other';
  readonly tasks: readonly TaskDocument[];
  /** Of a pipeline: the file as a whole. */
  readonly pipeline?: PipelineDocument;
}

/** How to read each kind of text. */
export interface DecodeTextOptions {
  /** Tarmac's own keys count in a file of its own only. */
  readonly task: { readonly target: Target; readonly extensions?: boolean };
  readonly pipeline: ReadPipelineOptions;
  /** How to parse a pipeline; default as a whole. */
  readonly parse?: ((text: string) => ParsedFile) | undefined;
}

/** Decodes a text of a kind; a pipeline is parsed once for itself and its tasks. */
export function decodeText(
  text: string,
  kind: 'task' | 'pipeline' | undefined,
  { task, pipeline, parse = parseFile }: DecodeTextOptions,
): DecodedText {
  if (kind === undefined) return { kind: 'other', tasks: [] };
  if (kind === 'task') return { kind, tasks: [decodeTask(text, task)] };
  const { target } = task;
  const parsed = parse(text);
  return { kind, tasks: decodePipeline(parsed, { target }), pipeline: readPipeline(parsed, pipeline) };
}
