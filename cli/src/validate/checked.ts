/** Reading and checking the files of `tarmac validate`. */
import { readFile, stat } from 'node:fs/promises';
import { isAbsolute, join, resolve } from 'node:path';
import { text as readStream } from 'node:stream/consumers';
import {
  decodeText,
  environmentOf,
  type FileProblem,
  findTaskFiles,
  NodeFiles,
  PipelineIndex,
  problemsOf,
  taskFileMatcher,
} from '#workspace';
import {
  type CheckSettings,
  pipelineTemplate,
  pipelineTarget,
  type PipelineTarget,
  type Target,
  TaskFileCache,
  type TaskDocument,
} from '#concourse';
import {
  type CheckedPipeline,
  kindOfNamed,
  pipelineVars,
  type PipelineVars,
  pipelineVerdict,
  readOptions,
  taskTarget,
} from './pipelines.ts';

/** A file with its tasks and all their problems, or why it could not be read. */
export type Checked =
  | {
      readonly file: string;
      readonly kind: 'task' | 'pipeline';
      readonly tasks: readonly TaskDocument[];
      /** Of a pipeline: the file as a whole. */
      readonly pipeline?: CheckedPipeline | undefined;
      readonly problems: readonly FileProblem[];
    }
  | { readonly file: string; readonly unreadable: string };

/** How to check. */
export interface CheckOptions {
  readonly target: Target | PipelineTarget;
  readonly severities: NonNullable<CheckSettings['severities']>;
  /** Files with values for `((vars))`. */
  readonly varsFiles: readonly string[];
  /** Values of variables of pipelines, `name=text`. */
  readonly vars: readonly string[];
  /** The same as YAML. */
  readonly yamlVars: readonly string[];
  /** Pipelines are read as with fly's `--strict`. */
  readonly strict: boolean;
  /** What named files are; default: what they look like. */
  readonly kind?: 'task' | 'pipeline' | undefined;
  /** What relative paths count from. */
  readonly cwd: string;
  /** Reads a file's bytes; `-` is standard input. Default: the file system. */
  readonly readFile?: ((path: string) => Promise<Uint8Array | string>) | undefined;
  /** Told when a rule throws. */
  readonly log: (message: string) => void;
}

/** True when Concourse accepts a file: a task, or a pipeline as `fly validate-pipeline` says. */
export function isValid(checked: Checked): boolean {
  if ('unreadable' in checked) return false;
  return checked.pipeline ? checked.pipeline.valid : checked.tasks.every(({ valid }) => valid);
}

/** True for a file that nobody needs to mend: a template is nobody's input but its engine's. */
export function isAccepted(checked: Checked): boolean {
  if (isValid(checked)) return true;
  if ('unreadable' in checked || checked.pipeline === undefined) return false;
  return pipelineTemplate(checked.pipeline.document) !== undefined;
}

/** Checks files one after the other, so that a long list needs no more memory than one; folders are walked. */
export async function* checkAll(paths: readonly string[], options: CheckOptions): AsyncGenerator<Checked> {
  const files = new NodeFiles();
  const vars = await pipelineVars(options);
  for (const path of paths) {
    const onDisk = resolve(options.cwd, path);
    if (options.readFile === undefined && path !== '-' && (await isFolder(onDisk))) {
      yield* checkFolder(path, onDisk, files, options, vars);
      continue;
    }
    try {
      const content = await (options.readFile?.(path) ?? (path === '-' ? readStream(process.stdin) : readFile(onDisk)));
      const text = typeof content === 'string' ? content : decodeBytes(content);
      yield checkText(path, text, files, options, vars, options.kind ?? kindOfNamed(path, text));
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
  vars: PipelineVars,
): AsyncGenerator<Checked> {
  let found = false;
  // What the steps of its pipelines give counts for the task files of a folder.
  const index = new PipelineIndex({ files, taskFiles: taskFilesOf(files) });
  for await (const file of findTaskFiles(onDisk, taskFileMatcher())) {
    if (file.kind === 'pipeline') index.read(file.path, file.text, pipelineTarget(taskTarget(options.target)));
  }
  for await (const file of findTaskFiles(onDisk, taskFileMatcher())) {
    found = true;
    const shown = isAbsolute(path) ? file.path : join(path, file.path.slice(onDisk.length));
    yield checkText(shown, file.text, files, options, vars, file.kind, index);
  }
  if (!found) {
    const reason = 'there are no task files in it: name them, or have platform and run at their top';
    yield { file: path, unreadable: `could not check folder: ${reason}.` };
  }
}

function checkText(
  file: string,
  text: string,
  files: NodeFiles,
  options: CheckOptions,
  vars: PipelineVars,
  kind: 'task' | 'pipeline',
  index?: PipelineIndex,
): Checked {
  const { severities, varsFiles, cwd, log } = options;
  const target = taskTarget(options.target);
  const { tasks, pipeline: document } = decodeText(text, kind, {
    task: { target },
    pipeline: readOptions(options, vars),
  });
  const onDisk = options.readFile === undefined && file !== '-';
  const around = {
    target,
    files: onDisk || varsFiles.length > 0 ? files : undefined,
    path: onDisk ? resolve(cwd, file) : undefined,
    workspaceFolders: onDisk ? [cwd] : [],
    base: cwd,
    varsFiles,
    uses: onDisk ? index?.usesOf(resolve(cwd, file)) : undefined,
  };
  const pipeline = document && pipelineVerdict(document, vars);
  const { path } = around;
  const world = document && {
    target: document.target,
    ...(path === undefined ? {} : { path, files, taskFiles: taskFilesOf(files) }),
  };
  const problems = problemsOf(
    {
      tasks,
      environmentOf: (task) => environmentOf(task, around),
      pipeline: document && world && { source: document, world },
    },
    {
      severities,
      limit: Infinity,
      onRuleError: (rule, error) => log(`rule ${rule} failed on ${file}: ${String(error)}\n`),
    },
  );
  return { file, kind, tasks, problems, pipeline };
}

/** Task files that several pipelines name are decoded once. */
const taskFiles = new WeakMap<NodeFiles, TaskFileCache>();

function taskFilesOf(files: NodeFiles): TaskFileCache {
  const known = taskFiles.get(files) ?? new TaskFileCache();
  taskFiles.set(files, known);
  return known;
}

/** Decodes bytes as go-yaml's reader: UTF-8, or UTF-16 after its byte order mark. Throws on bytes that are neither. */
function decodeBytes(bytes: Uint8Array): string {
  const [first, second] = bytes;
  const utf16 =
    first === 0xff && second === 0xfe ? 'utf-16le' : first === 0xfe && second === 0xff ? 'utf-16be' : undefined;
  return new TextDecoder(utf16 ?? 'utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
}
