/** Where an artifact of a job is, and how a task, a put or a reader of files takes it. */
import { readFile, realpath } from 'node:fs/promises';
import { isAbsolute, join, relative } from 'node:path';
import { formatEarlierOutput } from '../../model/earlier-output.ts';
import type { TaskNode } from '../plan/plan.ts';

/** Where an artifact of a job is. Plain data: a record keeps it. */
export type JobArtifact =
  | { readonly kind: 'directory'; readonly directory: string }
  /** `image`: the reference of the image that the output is, where a registry has it. */
  | { readonly kind: 'output'; readonly run: string; readonly output: string; readonly image?: string }
  | { readonly kind: 'image'; readonly reference: string };

/** The artifact as the input of a run. @throws Error for an image: nothing has fetched its files */
export function inputText(name: string, place: JobArtifact): string {
  if (place.kind === 'directory') return place.directory;
  if (place.kind === 'output') return formatEarlierOutput(place);
  throw new Error(
    `the input ${name} is the image ${place.reference}, which is not fetched: give its files with -i ${name}=DIR.`,
  );
}

/** The artifact as the image of a pod. @throws Error when no registry has it */
export function imageText(place: JobArtifact, { image }: TaskNode): string {
  if (place.kind === 'image') return place.reference;
  if (place.kind === 'output' && place.image !== undefined) return place.image;
  throw new Error(
    `image: ${image ?? ''} is an artifact of this job: only an image of a registry can be the image of a pod here.`,
  );
}

/** A file of a local folder; undefined when it is not there. @throws Error when its path leads out of the folder */
export async function readLocal(directory: string, path: string): Promise<string | undefined> {
  try {
    const root = await realpath(directory);
    const file = await realpath(join(root, path));
    const inside = relative(root, file);
    if (inside.startsWith('..') || isAbsolute(inside)) {
      throw new Error(`${path} leads out of ${directory}: only what lies in the folder is read.`);
    }
    return await readFile(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR') return undefined;
    throw error;
  }
}
