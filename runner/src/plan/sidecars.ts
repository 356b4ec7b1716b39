/** The sidecars of a run: those of the task file, and those of files in its inputs. */
import { join } from 'node:path';
import { decodeSidecarFile, placedErrors } from '#concourse';
import type { Findings } from './findings.ts';
import type { LocalFiles, PlannedInput, DraftRequest, SidecarConfig } from '../model/plan.ts';

/** All sidecars, those of `SOURCE/FILE` entries read from the local input that holds the file. */
export function planSidecars(
  request: DraftRequest,
  inputs: readonly PlannedInput[],
  files: LocalFiles,
  findings: Findings,
): SidecarConfig[] {
  const planned: SidecarConfig[] = [];
  for (const entry of request.document.sidecars ?? []) {
    if (entry.kind === 'inline') planned.push(entry.sidecar);
    else planned.push(...sidecarsOfFile(entry.source, entry.file, inputs, files, findings));
  }
  const seen = new Set<string>();
  for (const sidecar of planned) {
    if (sidecar.image === undefined) {
      findings.error(
        'sidecar-image',
        `sidecar '${sidecar.name}' has no image that a pod can name`,
        "set the sidecar's 'image'; 'image_artifact' needs a Concourse",
        ['sidecars'],
      );
    }
    if (seen.has(sidecar.name)) {
      findings.error(
        'duplicate-sidecar',
        `duplicate sidecar name "${sidecar.name}"`,
        'give each sidecar its own name',
        ['sidecars'],
      );
    }
    seen.add(sidecar.name);
  }
  return planned;
}

function sidecarsOfFile(
  source: string,
  file: string,
  inputs: readonly PlannedInput[],
  files: LocalFiles,
  findings: Findings,
): SidecarConfig[] {
  const input = inputs.find((each) => each.name === source);
  if (!input) {
    findings.error(
      'sidecar-file',
      `sidecar file '${source}/${file}': unknown artifact source '${source}'`,
      'name one of the inputs',
      ['sidecars'],
    );
    return [];
  }
  const path = input.source.kind === 'directory' ? join(input.source.directory, file) : undefined;
  const text = path === undefined ? undefined : files.read(path);
  if (text === undefined) {
    findings.error(
      'sidecar-file',
      `sidecar file '${path ?? `${source}/${file}`}' cannot be read`,
      'it must be a file of a local input',
      ['sidecars'],
    );
    return [];
  }
  const decoded = decodeSidecarFile(text);
  for (const { code, line, message } of placedErrors(decoded)) {
    findings.error(code, `${path ?? file}:${line}: ${message}`);
  }
  return decoded.sidecars.flatMap((entry) => (entry.kind === 'inline' ? [entry.sidecar] : []));
}
