/** The pipelines that use a task file, read for a request. */
import { pipelineTarget, readPipeline } from '#concourse';
import type { PipelineRequest } from '../features/pipeline/request.ts';
import { fileUri } from '../features/facts/places.ts';
import { pathOf } from './open-document.ts';
import type { OpenSourceFile, Session } from './session.ts';

/** Pipelines that are read for one request; a task file that more of them use is somebody's shared one. */
const MOST_PIPELINES = 100;

/** The pipelines that use a task file, as they are now, also where they are being typed in. */
export function usingPipelines(session: Session, { uri, kind, settings }: OpenSourceFile): PipelineRequest[] {
  const path = kind === 'task' ? pathOf(uri) : undefined;
  if (path === undefined) return [];
  const target = pipelineTarget(settings.target);
  return session.pipelines
    .pipelinesUsing(path)
    .slice(0, MOST_PIPELINES)
    .flatMap((pipeline) => {
      const text = session.files.read(pipeline);
      if (text === undefined) return [];
      const source = readPipeline(text, { target, templated: true });
      return [{ source, world: session.worldOf(pipeline, settings), uri: fileUri(pipeline), tasks: [] }];
    });
}
