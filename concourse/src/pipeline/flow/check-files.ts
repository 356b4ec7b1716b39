/** Paths of artifacts: what load_var and set_pipeline read, and what every `ARTIFACT/path` shares. */
import { didYouMean } from '../../text/suggest.ts';
import { type Bindings, filled, isTemplated } from './bindings.ts';
import type { JobContext } from './job-context.ts';
import { entryIn, itemsIn, textAt, textIn, type Located } from './place.ts';
import type { Artifact, Scope } from './scope.ts';
import { splitPath } from './steps.ts';
import type { LocalFile } from './world.ts';

type TextAt = NonNullable<ReturnType<typeof textIn>>;

/** A file of an artifact that is there, and where it lies when it is one of the checkout. */
export interface ArtifactFile {
  readonly artifact: Artifact;
  readonly local: LocalFile;
}

/** Checks load_var. */
export function checkLoadVar(step: Located, scope: Scope, bindings: Bindings, job: JobContext): void {
  job.vars(entryIn(step, 'file'), scope, bindings);
  job.vars(entryIn(step, 'format'), scope, bindings);
  const file = textAt(step, 'file');
  if (file) checkFile(file, 'The file', scope, bindings, job);
}

/** Checks set_pipeline. */
export function checkSetPipeline(step: Located, scope: Scope, bindings: Bindings, job: JobContext): void {
  for (const key of ['file', 'team', 'vars', 'var_files', 'instance_vars']) {
    job.vars(entryIn(step, key), scope, bindings);
  }
  const file = textAt(step, 'file');
  if (file) checkFile(file, 'The file', scope, bindings, job);
  for (const item of itemsIn(entryIn(step, 'var_files'))) {
    const text = textIn(item);
    if (text) checkFile(text, 'The file', scope, bindings, job);
  }
}

/**
 * Checks a path of the form `ARTIFACT/path`, and that the file is there where that can be known.
 *
 * @returns undefined when the file is not there or nothing is known about it
 */
export function checkFile(
  at: TextAt,
  what: string,
  scope: Scope,
  bindings: Bindings,
  job: JobContext,
): ArtifactFile | undefined {
  const text = filled(at.text, bindings);
  if (text === undefined) {
    // The artifact may be known, only the rest of the path is not.
    const name = at.text.split('/')[0] ?? '';
    if (at.text.includes('/') && !name.includes('((') && !isTemplated(name)) {
      job.artifact(name, scope, { at, what: `${what} '${at.text}'` });
    } else {
      job.usesAnything = true;
    }
    return undefined;
  }
  const parts = splitPath(text);
  if (!parts) {
    const message = `'${text}' does not say in which artifact the file lies. Write 'ARTIFACT/${text}'.`;
    job.findings.add('error', 'artifact-path', at, message, { key: text });
    return undefined;
  }
  const artifact = job.artifact(parts.artifact, scope, {
    at,
    what: `${what} '${text}'`,
    ...(text === at.text ? { replacement: (name: string) => `${name}/${parts.path}` } : {}),
  });
  if (!artifact) return undefined;
  const local = artifact.local ? job.facts.local.at(parts.path) : ({ kind: 'unknown' } as const);
  if (local.kind === 'missing') tellMissing(at, parts.artifact, local.path, text === at.text, 'error', job);
  return local.kind === 'missing' ? undefined : { artifact, local };
}

/** The file beside a path of the checkout that is missing which the path is meant to name. */
export function meantFile(path: string, job: JobContext): string | undefined {
  let meant = '';
  for (const part of path.split('/')) {
    const at = meant === '' ? part : `${meant}/${part}`;
    const beside = job.facts.local.beside(at);
    if (beside.includes(at)) {
      meant = at;
      continue;
    }
    const names = beside.map((file) => file.slice(file.lastIndexOf('/') + 1));
    const name = didYouMean(part, names);
    if (name === undefined) return undefined;
    meant = beside[names.indexOf(name)] ?? '';
  }
  return meant;
}

/** Says that a file of the checkout is not there. */
export function tellMissing(
  at: Located,
  artifact: string,
  path: string,
  plain: boolean,
  severity: 'error' | 'warning',
  job: JobContext,
): void {
  const meant = meantFile(path, job);
  const advice = meant === undefined ? 'Create it, or correct the path.' : `Did you mean '${artifact}/${meant}'?`;
  const message = `There is no file '${path}' in this repository, which '${artifact}' is. ${advice}`;
  job.findings.add(severity, 'artifact-file-missing', at, message, {
    key: path,
    ...(meant === undefined ? {} : { suggestion: `${artifact}/${meant}` }),
    ...(meant === undefined || !plain ? {} : { replacement: `${artifact}/${meant}` }),
  });
}
