/** What a put step takes: its inputs, and the params that name files of artifacts. */
import { type Bindings, filled, isTemplated } from './bindings.ts';
import { tellMissing } from './check-files.ts';
import type { JobContext } from './job-context.ts';
import { entryIn, isTrue, itemsIn, textAt, textIn, textsBelow, type Located } from './place.ts';
import type { Scope } from './scope.ts';

/**
 * Params of the core resource types that name files or folders of artifacts, from the READMEs of the resources. All
 * others are text, however much they look like paths. `glob`: the file need not have this name.
 */
export const PUT_PATHS: Readonly<Record<string, Readonly<Record<string, 'file' | 'folder' | 'glob'>>>> = {
  git: { repository: 'folder', tag: 'file', annotate: 'file', notes: 'file' },
  hg: { repository: 'folder', tag: 'file' },
  'registry-image': { image: 'glob', additional_tags: 'file' },
  'docker-image': {
    build: 'folder',
    dockerfile: 'file',
    load: 'folder',
    load_base: 'folder',
    load_bases: 'folder',
    cache_from: 'folder',
    load_file: 'file',
    import_file: 'file',
    build_args_file: 'file',
    additional_tags: 'file',
    tag_file: 'file',
  },
  s3: { file: 'glob' },
  semver: { file: 'file' },
  'github-release': { name: 'file', tag: 'file', body: 'file', commitish: 'file', globs: 'glob' },
  pool: {
    release: 'folder',
    remove: 'folder',
    check: 'folder',
    check_unclaimed: 'folder',
    add: 'folder',
    add_claimed: 'folder',
    update: 'folder',
  },
  mock: { file: 'file' },
};

/** What a put takes. */
type Inputs =
  { readonly kind: 'all' | 'detect' | 'unknown' } | { readonly kind: 'list'; readonly names: ReadonlySet<string> };

/** The artifact that a path begins with, and the rest; `.` and `..` in front do not count. */
function firstSegment(text: string): { readonly name: string; readonly rest: string } {
  const parts = text.split('/');
  const index = parts.findIndex((part) => part !== '.' && part !== '..');
  return { name: parts[index] ?? '', rest: parts.slice(index + 1).join('/') };
}

/** Checks a put step. */
export function checkPut(step: Located, scope: Scope, bindings: Bindings, job: JobContext): void {
  const params = entryIn(step, 'params');
  job.vars(params, scope, bindings);
  job.vars(entryIn(step, 'get_params'), scope, bindings);
  const missing = { any: false };
  const told = new Set<string>();
  const inputs = inputsOf(step, scope, bindings, job, missing, told);
  if (inputs.kind === 'all' || inputs.kind === 'unknown') job.usesAnything = true;
  for (const { text } of textsBelow(params)) job.used.add(firstSegment(filled(text, bindings) ?? text).name);
  // One cause: a misspelled input hides the artifact of the path.
  if (!params || missing.any) return;
  const name = textAt(step, 'put')?.text;
  const resource = job.facts.resources.get(textAt(step, 'resource')?.text ?? name ?? '');
  const paths = Object.entries((resource && PUT_PATHS[resource.baseType]) ?? {});
  for (const [key, form] of paths) {
    const entry = entryIn(params, key);
    for (const item of entry?.node.kind === 'list' ? itemsIn(entry) : [entry]) {
      const text = textIn(item);
      if (text) checkPath(key, form, text, inputs, told, scope, bindings, job);
    }
  }
}

function inputsOf(
  step: Located,
  scope: Scope,
  bindings: Bindings,
  job: JobContext,
  missing: { any: boolean },
  told: Set<string>,
): Inputs {
  const inputs = entryIn(step, 'inputs');
  if (!inputs || (inputs.node.kind === 'scalar' && inputs.node.value === null)) {
    return { kind: job.facts.target === '7.14' ? 'all' : 'detect' };
  }
  if (inputs.node.kind !== 'list') {
    const word = textIn(inputs)?.text;
    return word === 'all' || word === 'detect' ? { kind: word } : { kind: 'unknown' };
  }
  const names = new Set<string>();
  for (const item of itemsIn(inputs)) {
    const text = textIn(item);
    const name = text && filled(text.text.trim(), bindings);
    if (!text || name === undefined) return { kind: 'unknown' };
    names.add(name);
    const found = job.artifact(name, scope, {
      at: text,
      what: `The input '${name}' of this put`,
      ...(name === text.text ? { replacement: (meant: string) => meant } : {}),
    });
    missing.any ||= !found;
    if (found?.certainty === 'maybe') told.add(name);
  }
  return { kind: 'list', names };
}

function checkPath(
  key: string,
  form: 'file' | 'folder' | 'glob',
  at: NonNullable<ReturnType<typeof textIn>>,
  inputs: Inputs,
  told: Set<string>,
  scope: Scope,
  bindings: Bindings,
  job: JobContext,
): void {
  const text = filled(at.text, bindings);
  const { name, rest } = firstSegment(text ?? at.text);
  if (isTemplated(name)) return;
  if (name.includes('((')) {
    if (!at.text.includes('((.:') || inputs.kind !== 'detect') return;
    const message = `The artifact of '${at.text}' is not known before the step runs, so nothing is given to the put: it takes what the text of its params names. List the artifact under inputs.`;
    job.findings.add('warning', 'put-input-unseen', at, message, { key });
    return;
  }
  if (name === '' || /[*?[\]{}]/u.test(name) || at.text.startsWith('/')) return;
  if (inputs.kind === 'list' && !inputs.names.has(name)) {
    if (!scope.artifacts.has(name)) return void checkArtifact(key, name, rest, at, text, told, scope, job);
    const message = `'${name}' is not among the inputs of this put, so '${at.text}' is not there. Add '${name}' to inputs.`;
    job.findings.add('error', 'put-input-unlisted', at, message, { key: name });
    return;
  }
  const artifact = checkArtifact(key, name, rest, at, text, told, scope, job);
  if (artifact?.local !== true || text === undefined || /[*?[\]{}]/u.test(rest) || form === 'glob') return;
  const local = job.facts.local.at(rest);
  if (local.kind === 'missing') tellMissing(at, name, local.path, false, 'warning', job);
}

function checkArtifact(
  key: string,
  name: string,
  rest: string,
  at: NonNullable<ReturnType<typeof textIn>>,
  text: string | undefined,
  told: Set<string>,
  scope: Scope,
  job: JobContext,
): ReturnType<JobContext['artifact']> {
  // One cause: several params, or one and the inputs, may name an artifact that is not there or not yet.
  if (told.has(name)) return scope.artifacts.get(name);
  const there = scope.artifacts.get(name)?.certainty;
  if (there === 'maybe' || (there === undefined && job.meant(name, scope) === undefined)) told.add(name);
  return job.artifact(name, scope, {
    at,
    what: `'${text ?? at.text}' for '${key}'`,
    severity: 'warning',
    code: 'put-path',
    ...(text === at.text ? { replacement: (meant: string) => (rest === '' ? meant : `${meant}/${rest}`) } : {}),
  });
}

/** True when a step's artifact cannot be an image: why, in words. */
export function notAnImage(baseType: string, params: Located | undefined): string | undefined {
  if (baseType === 'registry-image' || baseType === 'docker-image') {
    const skip = params && (isTrue(params, 'skip_download') || textAt(params, 'skip_download')?.text === 'true');
    if (skip === true) return 'was fetched with skip_download, so there is no image in it';
    const format = params && textAt(params, 'format')?.text;
    if (baseType === 'registry-image' && (format === 'oci' || format === 'oci-layout')) {
      return `was fetched with format ${format}, and as an image the format rootfs is needed`;
    }
    return undefined;
  }
  if (['time', 'semver', 'bosh-io-release', 'bosh-io-stemcell'].includes(baseType)) {
    return `is a version of a ${baseType} resource, in which there is no image`;
  }
  return undefined;
}
