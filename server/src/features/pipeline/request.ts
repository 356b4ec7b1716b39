/** What the features of a pipeline are asked about. All offsets are UTF-16 offsets into the text of the file. */
import type { ConfiguredVars, PipelineDocument, PipelineWorld, TaskDocument } from '#concourse';

/** A pipeline, and what lies around it. */
export interface PipelineRequest {
  readonly source: PipelineDocument;
  readonly world: PipelineWorld;
  readonly uri: string;
  /** The tasks that are written into it. */
  readonly tasks: readonly TaskDocument[];
  /** Values of the vars files that the settings name. */
  readonly vars?: () => ConfiguredVars | undefined;
}

/** A place in a pipeline. */
export interface PipelinePlaceRequest extends PipelineRequest {
  readonly offset: number;
}
