/** Reading and checking the files of `tarmac validate`. */
import { readFile, stat } from 'node:fs/promises';
import { isAbsolute, join, resolve } from 'node:path';
import { text as readStream } from 'node:stream/consumers';
import { environmentOf, type FileProblem, findTaskFiles, NodeFiles, problemsOf, taskFileMatcher } from '#workspace';
import {
  type CheckSettings,
  decodePipeline,
  decodeTask,
  type PipelineDocument,
  pipelineTarget,
  pipelineTemplate,
  readPipeline,
  recognize,
  type Target,
  TaskFileCache,
  type TaskDocument,
} from '#concourse';

/** A file with its tasks and all their problems, or why it could not be read. */
export type Checked =
  | {
      readonly file: string;
      readonly kind: 'task' | 'pipeline';
      readonly tasks: readonly TaskDocument[];
      /** Of a pipeline: the file as a whole. */
      readonly pipeline?: PipelineDocument;
      readonly problems: readonly FileProblem[];
    }
  | { readonly file: string; readonly unreadable: string };

/** How to check. */
export interface CheckOptions {
  readonly target: Target;
  readonly severities: NonNullable<CheckSettings['severities']>;
  /** Files with values for `((vars))`. */
  readonly varsFiles: readonly string[];
  /** What relative paths count from. */
  readonly cwd: string;
  /** Reads a file's bytes; `-` is standard input. Default: the file system. */
  readonly readFile?: ((path: string) => Promise<Uint8Array | string>) | undefined;
  /** Told when a rule throws. */
  readonly log: (message: string) => void;
}

/** True when Concourse can read a file and accepts all of its tasks. */
export function isValid(checked: Checked): boolean {
  if ('unreadable' in checked) return false;
  return checked.tasks.every(({ valid }) => valid) && (!checked.pipeline || isAccepted(checked.pipeline));
}

/** A template is nobody's input but its engine's. */
function isAccepted(pipeline: PipelineDocument): boolean {
  return pipeline.valid || pipelineTemplate(pipeline) !== undefined;
}

/** Checks files one after the other, so that a long list needs no more memory than one; folders are walked. */
export async function* checkAll(paths: readonly string[], options: CheckOptions): AsyncGenerator<Checked> {
  const files = new NodeFiles();
  for (const path of paths) {
    const onDisk = resolve(options.cwd, path);
    if (options.readFile === undefined && path !== '-' && (await isFolder(onDisk))) {
      yield* checkFolder(path, onDisk, files, options);
      continue;
    }
    try {
      const content = await (options.readFile?.(path) ?? (path === '-' ? readStream(process.stdin) : readFile(onDisk)));
      yield checkText(path, typeof content === 'string' ? content : decodeText(content), files, options);
    } catch (error) {
      // What TextDecoder throws for bytes that are no text.
      const cause = error instanceof Error ? error.message : String(error);
      const reason = error instanceof TypeError ? 'it is neither UTF-8 nor UTF-16 text' : cause;
      yield { file: path, unreadable: `could not read file: ${reason}. Check the path and its permissions.` };
    }
  }
}

async function isFolder(path: string): Promise<boolean> {
  // What is not there is told when it is read.
  return stat(path).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
}

async function* checkFolder(
  path: string,
  onDisk: string,
  files: NodeFiles,
  options: CheckOptions,
): AsyncGenerator<Checked> {
  let found = false;
  for await (const file of findTaskFiles(onDisk, taskFileMatcher())) {
    found = true;
    const shown = isAbsolute(path) ? file.path : join(path, file.path.slice(onDisk.length));
    yield checkText(shown, file.text, files, options, file.kind);
  }
  if (!found) {
    const reason = 'there are no task files in it: name them, or have platform and run at their top';
    yield { file: path, unreadable: `could not check folder: ${reason}.` };
  }
}

/** Who names a file wants it checked as a task, whatever it looks like; only a pipeline is taken as such. */
function checkText(
  file: string,
  text: string,
  files: NodeFiles,
  options: CheckOptions,
  kind: 'task' | 'pipeline' = recognize(text) === 'pipeline' ? 'pipeline' : 'task',
): Checked {
  const { target, severities, varsFiles, cwd, log } = options;
  const tasks = kind === 'task' ? [decodeTask(text, { target })] : decodePipeline(text, { target });
  const onDisk = options.readFile === undefined && file !== '-';
  const around = {
    target,
    files: onDisk || varsFiles.length > 0 ? files : undefined,
    path: onDisk ? resolve(cwd, file) : undefined,
    workspaceFolders: onDisk ? [cwd] : [],
    base: cwd,
    varsFiles,
  };
  const pipeline = kind === 'pipeline' ? readPipeline(text, { target: pipelineTarget(target) }) : undefined;
  const { path } = around;
  const problems = problemsOf(
    tasks,
    (task) => environmentOf(task, around),
    {
      severities,
      limit: Infinity,
      onRuleError: (rule, error) => log(`rule ${rule} failed on ${file}: ${String(error)}\n`),
    },
    pipeline && {
      source: pipeline,
      world: {
        target: pipelineTarget(target),
        ...(path === undefined ? {} : { path, files, taskFiles: taskFilesOf(files) }),
      },
    },
  );
  return { file, kind, tasks, problems, ...(pipeline ? { pipeline } : {}) };
}

/** Task files that several pipelines name are decoded once. */
const taskFiles = new WeakMap<NodeFiles, TaskFileCache>();

function taskFilesOf(files: NodeFiles): TaskFileCache {
  const known = taskFiles.get(files) ?? new TaskFileCache();
  taskFiles.set(files, known);
  return known;
}

/** Decodes bytes as go-yaml's reader: UTF-8, or UTF-16 after its byte order mark. Throws on bytes that are neither. */
function decodeText(bytes: Uint8Array): string {
  const [first, second] = bytes;
  const utf16 =
    first === 0xff && second === 0xfe ? 'utf-16le' : first === 0xfe && second === 0xff ? 'utf-16be' : undefined;
  return new TextDecoder(utf16 ?? 'utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
}
