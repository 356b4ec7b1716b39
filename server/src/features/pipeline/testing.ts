/** Requests for tests of the features of pipelines. */
import type { WorkspaceEdit } from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { decodePipeline, readPipeline } from '#concourse';
import { CURSOR, RecordFiles, type TestFile } from '../testing/marked.ts';
import type { PipelinePlaceRequest, PipelineRequest } from './request.ts';

/** Where the pipeline of a test lies. */
export const PIPELINE_PATH = '/ws/ci/pipeline.yml';

/** What makes `/ws` a checkout of `https://git.example.com/acme/app.git` at the branch `main`. */
export const CHECKOUT: Readonly<Record<string, TestFile>> = {
  '/ws/.git/HEAD': 'ref: refs/heads/main\n',
  '/ws/.git/config': '[remote "origin"]\n\turl = https://git.example.com/acme/app.git\n',
};

/** A request for a pipeline; files by absolute path. */
export function pipelineOf(text: string, files: Readonly<Record<string, TestFile>> = {}): PipelineRequest {
  return {
    source: readPipeline(text, { templated: true }),
    world: { path: PIPELINE_PATH, files: new RecordFiles({ [PIPELINE_PATH]: text, ...files }) },
    uri: `file://${PIPELINE_PATH}`,
    tasks: decodePipeline(text),
  };
}

/** A request at the cursor of a pipeline, which is written as `<*>`. */
export function pipelineAt(text: string, files: Readonly<Record<string, TestFile>> = {}): PipelinePlaceRequest {
  const parts = text.split(CURSOR);
  if (parts.length !== 2) throw new Error(`The text must hold one ${CURSOR}, not ${parts.length - 1}.`);
  return { ...pipelineOf(parts.join(''), files), offset: (parts[0] ?? '').length };
}

/** A text with an edit of this one document applied. */
export function applyLspEdits(text: string, { documentChanges = [] }: WorkspaceEdit): string {
  const document = TextDocument.create(`file://${PIPELINE_PATH}`, 'yaml', 1, text);
  const edits = documentChanges.flatMap((change) => ('edits' in change ? change.edits : []));
  return TextDocument.applyEdits(
    document,
    edits.filter((edit) => 'newText' in edit),
  );
}
