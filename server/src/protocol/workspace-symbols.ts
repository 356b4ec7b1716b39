/** The search for names in all pipelines of the workspace. */
import { pathToFileURL } from 'node:url';
import type { CancellationToken, SymbolInformation } from 'vscode-languageserver';
import { pipelineTarget, readPipeline } from '#concourse';
import { findTaskFiles, ReadFiles } from '#workspace';
import { matchesQuery, type NamedPart, namedParts } from '../features/pipeline/outline.ts';
import { pathOf } from './open-document.ts';
import type { Requests } from './requests.ts';
import type { Session } from './session.ts';

/** Answers that are not cut by the editor anyway. */
const MOST_ANSWERS = 1_000;

/** The names of one pipeline, kept until its text changes. */
interface KnownParts {
  readonly text: string;
  readonly parts: readonly NamedPart[];
}

/** Answers searches for jobs, resources, types, groups and steps of pipelines, also of those that are not open. */
export function workspaceSymbols(session: Session, requests: Requests): void {
  let known = new Map<string, KnownParts>();
  const read = new ReadFiles();
  session.connection.onWorkspaceSymbol(async ({ query }, token): Promise<SymbolInformation[]> => {
    const seen = new Map<string, KnownParts>();
    for (const folder of session.folders) await readFolder(session, requests, folder, { known, seen, token, read });
    // A walk that was cut short says nothing about the files that it has not seen.
    if (!token.isCancellationRequested) {
      known = seen;
      read.walked();
    }
    return [...seen.values()]
      .flatMap(({ parts }) => parts.filter(({ name }) => matchesQuery(name, query)))
      .slice(0, MOST_ANSWERS);
  });
}

async function readFolder(
  session: Session,
  requests: Requests,
  folder: string,
  {
    known,
    seen,
    token,
    read,
  }: {
    readonly known: ReadonlyMap<string, KnownParts>;
    readonly seen: Map<string, KnownParts>;
    readonly token: CancellationToken;
    readonly read: ReadFiles;
  },
): Promise<void> {
  const root = pathOf(folder);
  if (root === undefined) return;
  const settings = await session.settings.for(folder);
  const stop = new AbortController();
  const listener = token.onCancellationRequested(() => stop.abort());
  try {
    for await (const file of findTaskFiles(root, (path) => session.knownByPath(path, settings), stop.signal, read)) {
      if (file.kind !== 'pipeline' || seen.has(file.path)) continue;
      // What is typed counts before it is saved.
      const text = session.files.read(file.path) ?? file.text;
      const before = known.get(file.path);
      const uri = pathToFileURL(file.path).href;
      const parts =
        before?.text === text
          ? before.parts
          : requests.run('workspace symbols', uri, [], () =>
              namedParts(readPipeline(text, { target: pipelineTarget(settings.target), templated: true }), uri),
            );
      seen.set(file.path, { text, parts });
    }
  } finally {
    listener.dispose();
  }
}
