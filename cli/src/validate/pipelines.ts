/** Pipelines as `tarmac validate` reads them: with fly's variables, by fly's rules. */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import {
  loadVars,
  type PipelineDocument,
  pipelineTarget,
  type PipelineTarget,
  type ReadPipelineOptions,
  recognize,
  type Target,
  type Vars,
} from '#concourse';

/** What `fly validate-pipeline` is given. */
export interface PipelineFlags {
  readonly target: Target | PipelineTarget;
  readonly strict: boolean;
  /** `-v`. */
  readonly vars: readonly string[];
  /** `-y` and `-i`. */
  readonly yamlVars: readonly string[];
  /** `-l`. */
  readonly varsFiles: readonly string[];
  readonly cwd: string;
}

/** A pipeline, and what fly says of it with its variables. */
export interface CheckedPipeline {
  readonly document: PipelineDocument;
  readonly valid: boolean;
  /** In fly's words. */
  readonly errors: readonly string[];
  readonly warnings: readonly string[];
  /** What is wrong with the variables: it has no place in the file. */
  readonly varErrors: readonly string[];
}

/** Variables for pipelines. */
export interface PipelineVars {
  readonly vars: Vars | undefined;
  readonly errors: readonly string[];
}

/** Reads the variables that were given, as fly does before a pipeline is set. */
export async function pipelineVars(flags: PipelineFlags): Promise<PipelineVars> {
  const { vars: strings, yamlVars: yaml, varsFiles } = flags;
  if (strings.length + yaml.length + varsFiles.length === 0) return { vars: undefined, errors: [] };
  const errors: string[] = [];
  const files: { path: string; text: string }[] = [];
  for (const path of varsFiles) {
    try {
      files.push({ path, text: await readFile(resolve(flags.cwd, path), 'utf8') });
    } catch (error) {
      errors.push(
        `could not read template variables file (${path}): ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }
  const loaded = loadVars({ strings, yaml, files, json: true });
  return { vars: loaded.vars, errors: [...errors, ...loaded.errors] };
}

/** The generation of pipelines that is meant. */
function generationOf(target: Target | PipelineTarget): PipelineTarget {
  return target === 'next' || target === '7.14' ? target : pipelineTarget(target);
}

/** The generation of tasks that belongs to one of pipelines. */
export function taskTarget(target: Target | PipelineTarget): Target {
  if (target === '7.14') return '5.5';
  return target === 'next' ? 'current' : target;
}

/** How fly reads a pipeline with these variables. */
export function readOptions(flags: PipelineFlags, { vars }: PipelineVars): ReadPipelineOptions {
  return { target: generationOf(flags.target), strict: flags.strict, vars };
}

/** What fly says of a pipeline; where the variables cannot be read it gets no further than these. */
export function pipelineVerdict(document: PipelineDocument, { errors }: PipelineVars): CheckedPipeline {
  if (errors.length === 0) {
    const { valid, warnings } = document;
    return { document, valid, errors: document.errors, warnings, varErrors: [] };
  }
  return { document, valid: false, errors, warnings: [], varErrors: errors };
}

/** Keys at the top of a pipeline, and of a task. */
const PIPELINE_KEYS =
  /^\s*\{?\s*["']?(?:jobs|resources|resource_types|groups|var_sources|prototypes|display)["']?\s*:/m;
const TASK_KEYS = /^\s*\{?\s*["']?(?:platform|image_resource|rootfs_uri|run|inputs|outputs|caches)["']?\s*:/m;

/** What a file is that somebody names: by its text, and where that says nothing by its name. */
export function kindOfNamed(file: string, text: string): 'task' | 'pipeline' {
  const kind = recognize(text);
  if (kind === 'pipeline' || kind === 'task') return kind;
  if (TASK_KEYS.test(topOf(text))) return 'task';
  if (PIPELINE_KEYS.test(topOf(text))) return 'pipeline';
  return /pipeline[^/\\]*$/i.test(file) ? 'pipeline' : 'task';
}

/** The lines that are indented least: the keys of the root, whatever the margin. */
function topOf(text: string): string {
  const lines = text.split(/\r?\n/).filter((line) => /^[^#%]*\S/.test(line) && !/^\s*(?:#|---)/.test(line));
  const margin = Math.min(...lines.map((line) => /^\s*/.exec(line)?.[0].length ?? 0));
  return lines.filter((line) => /^\s*/.exec(line)?.[0].length === margin).join('\n');
}
