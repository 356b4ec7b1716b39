/** The paths that a task writes down: working directory, command, arguments, params, and those in its scripts. */
import { embeddedScripts, entryOf, nodeAt, type TaskDocument, type TaskNode, type TextRange } from '#concourse';
import { shellFile, type ShellFile } from './local-file.ts';
import type { FeatureRequest } from './feature.ts';
import { scriptPaths } from './script-paths.ts';
import { startDirectory, type PathReader } from './task-paths.ts';
import { writtenText } from './written-text.ts';

/** A path as it is written somewhere. */
export interface PathUse {
  readonly text: string;
  /** Directory that it starts at, if that is known. */
  readonly base: string | undefined;
  /** Whether it surely is a path; `with-slash`: only if it has more than one part. */
  readonly certain: 'always' | 'with-slash' | 'never';
  /** Something is created or changed there. */
  readonly writes: boolean;
  /** The place of a part of the text: in the task file, or in the script file. */
  rangeOf(part: TextRange): TextRange;
}

/** A path of a task file, and who reads it. */
export interface TaskPathUse {
  readonly use: PathUse;
  readonly reader: PathReader;
}

/** Where a path may begin inside of an argument: `--file=PATH`, `KEY=PATH`, `-v PATH:/x`, `@PATH`. */
const ARGUMENT_PATH = /(?:^|[=:,@])((?!-)[^=:,@\s]+)/g;

/** A written text, or a part of it, as a path. */
function useOf(
  written: { readonly text: string; readonly range: TextRange },
  part: TextRange,
  facts: Pick<PathUse, 'base' | 'certain'>,
): PathUse {
  const at = written.range.start + part.start;
  return {
    ...facts,
    text: written.text.slice(part.start, part.end),
    writes: false,
    rangeOf: ({ start, end }) => ({ start: at + start, end: at + end }),
  };
}

/** A value as one path; nothing when it is no plainly written text. */
function useIn(task: TaskDocument, node: TaskNode | undefined, facts: Pick<PathUse, 'base' | 'certain'>): PathUse[] {
  const written = writtenText(task, node);
  return written ? [useOf(written, { start: 0, end: written.text.length }, facts)] : [];
}

/** Every path in a task file apart from those that declare its inputs, outputs and caches. */
export function pathUses(task: TaskDocument): TaskPathUse[] {
  const { root, config } = task;
  const base = startDirectory(config.run.dir);
  const uses: TaskPathUse[] = [];
  const dir = useIn(task, nodeAt(root, ['run', 'dir']), {
    base: startDirectory(undefined),
    certain: 'always',
  });
  for (const use of dir) uses.push({ use, reader: 'concourse' });
  const inContainer = (more: readonly PathUse[]): void => {
    for (const use of more) uses.push({ use, reader: 'container' });
  };
  // Without a slash the command is looked up in the image's $PATH.
  if (config.run.path.includes('/')) {
    inContainer(useIn(task, nodeAt(root, ['run', 'path']), { base, certain: 'always' }));
  }
  const scripts = embeddedScripts(task);
  const inline = new Set(scripts.map(({ path }) => path[2]));
  const args = nodeAt(root, ['run', 'args']);
  if (args?.kind === 'list') {
    args.items.forEach((item, index) => {
      const written = inline.has(index) ? undefined : writtenText(task, item);
      for (const match of written?.text.matchAll(ARGUMENT_PATH) ?? []) {
        const end = match.index + match[0].length;
        const part = { start: end - (match[1] ?? '').length, end };
        if (written) inContainer([useOf(written, part, { base, certain: 'with-slash' })]);
      }
    });
  }
  const params = entryOf(root, 'params')?.value;
  if (params?.kind === 'map') {
    for (const { value } of params.entries) {
      // A value such as `repo/version` is most likely a path, but only the script knows from where.
      if (value.kind !== 'scalar' || !value.text.includes('/') || /[\s:]/.test(value.text)) continue;
      inContainer(useIn(task, value, { base: startDirectory(undefined), certain: 'never' }));
    }
  }
  for (const script of scripts) {
    inContainer(
      scriptPaths(script.text, base).map((path) => ({
        ...path,
        rangeOf: ({ start, end }) => script.toFileRange({ start: path.start + start, end: path.start + end }),
      })),
    );
  }
  return uses;
}

/** The paths in the script file that a task runs. */
export interface ShellFileUses extends ShellFile {
  readonly uses: readonly PathUse[];
}

/** The paths in the shell script that a task runs from one of its inputs; undefined when it runs none that is there. */
export function shellFileUses(request: FeatureRequest): ShellFileUses | undefined {
  const file = shellFile(request);
  if (!file) return undefined;
  const base = startDirectory(request.task.config.run.dir);
  const uses = scriptPaths(file.text, base).map((path): PathUse => ({
    ...path,
    rangeOf: ({ start, end }) => ({ start: path.start + start, end: path.start + end }),
  }));
  return { ...file, uses };
}
