/** The command of a run, and what is known to be wrong with it from the local files alone. */
import { join, posix } from 'node:path';
import { WORK_DIR, decodePipeline, decodeTask, effectivePath, inputPath } from '#concourse';
import type { Findings } from './findings.ts';
import type { LocalFiles, Plan, PlannedCache, PlannedInput, PlannedOutput, DraftRequest } from '../model/plan.ts';

/**
 * The command with the request's arguments appended (fly's rule), after checking that a script which lies in an input
 * exists there, is a file, is executable and has a shebang that Linux can follow.
 */
export function checkCommand(
  request: DraftRequest,
  inputs: readonly PlannedInput[],
  outputs: readonly PlannedOutput[],
  caches: readonly PlannedCache[],
  files: LocalFiles,
  findings: Findings,
): Plan['command'] | undefined {
  const { run } = request.document.config;
  if (run.path === '') {
    findings.error(
      'no-command',
      'the task has no run.path, and the entrypoint of an image cannot be known without pulling it',
      "set 'run.path' to the image's entrypoint",
      ['run'],
    );
    return undefined;
  }
  const dir = run.dir === undefined || run.dir === '' ? WORK_DIR : effectivePath(run.dir, WORK_DIR);
  const command = {
    path: run.path,
    args: [...(run.args ?? []), ...(request.args ?? [])],
    dir,
    ...(run.user === undefined || run.user === '' ? {} : { user: run.user }),
    ...withoutVarValues(request),
  };
  if (run.path.includes('/')) {
    checkScript(posix.resolve(dir, run.path), request, inputs, [...outputs, ...caches], files, findings);
  }
  return command;
}

/** argv as the file has it, where `((vars))` stand in it. */
function withoutVarValues({ document, args }: DraftRequest): Pick<Plan['command'], 'shown'> {
  if (document.vars.length === 0) return {};
  const { name, place, text } = document;
  const unset =
    place === 'file' ? decodeTask(text, { extensions: true }) : decodePipeline(text).find((each) => each.name === name);
  const { path = '', args: written = [] } = unset?.config.run ?? {};
  return { shown: [path, ...written, ...(args ?? [])] };
}

/** argv of a command as it is printed and remembered: no value of a variable is in it. */
export function shownCommand({ command }: Pick<Plan, 'command'>): readonly string[] {
  return command.shown ?? [command.path, ...command.args];
}

function checkScript(
  path: string,
  request: DraftRequest,
  inputs: readonly PlannedInput[],
  others: readonly { readonly path: string }[],
  files: LocalFiles,
  findings: Findings,
): void {
  const inside = (root: string): boolean => path === root || path.startsWith(`${root}/`);
  const input = inputs
    .filter((candidate) => inside(candidate.path))
    .sort((a, b) => a.path.length - b.path.length)
    .at(-1);
  const place = ['run', 'path'];
  if (!input) {
    // Elsewhere in the image, or written by nobody we know of: only the working directory is known to begin empty.
    if (!inside(WORK_DIR) || others.some((other) => inside(other.path))) return;
    const missing = (request.document.config.inputs ?? []).find((each) => inside(inputPath(each, WORK_DIR)));
    // A required input without a source is reported on its own.
    if (missing && !missing.optional) return;
    findings.error(
      'script-missing',
      `run.path '${request.document.config.run.path}' lies in no input of this run, so it will not exist`,
      'declare the input that holds the script, or correct the path',
      place,
    );
    return;
  }
  if (input.source.kind !== 'directory') return;
  const local = join(input.source.directory, ...posix.relative(input.path, path).split('/'));
  const found = files.stat(local);
  if (!found) {
    findings.error(
      'script-missing',
      `run.path: ${local} does not exist`,
      `input '${input.name}' comes from ${input.source.directory}`,
      place,
    );
    return;
  }
  if (found.type !== 'file') {
    findings.error('script-not-a-file', `run.path: ${local} is not a file`, 'name the script itself', place);
    return;
  }
  if (!found.executable && process.platform !== 'win32') {
    findings.error(
      'script-not-executable',
      `run.path: ${local} is not executable`,
      `chmod +x ${local} (and git update-index --chmod=+x, so that the pipeline sees it too)`,
      place,
    );
  }
  const firstLine = files.head(local)?.split('\n')[0] ?? '';
  if (firstLine.startsWith('#!') && firstLine.endsWith('\r')) {
    findings.error(
      'script-crlf',
      `run.path: the first line of ${local} ends with CR LF, so Linux looks for an interpreter whose name ends with a carriage return`,
      'convert the file to LF line endings',
      place,
    );
  }
}
