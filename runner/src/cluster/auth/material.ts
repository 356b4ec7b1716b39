/** Certificates and keys of a kubeconfig: given as data, or as the path of a file. */
import { readFile } from 'node:fs/promises';
import { CredentialError } from '../errors.ts';
import { errorText } from '../../model/format.ts';

/**
 * PEM from data or file; read anew each time, because agents rotate such files.
 * @throws {CredentialError} FILE
 */
export async function material(
  data: Buffer | undefined,
  file: string | undefined,
  what: string,
): Promise<Buffer | undefined> {
  if (data !== undefined || file === undefined) return data;
  try {
    return await readFile(file);
  } catch (error) {
    throw unreadable(what, file, error);
  }
}

/** The error of a file that the kubeconfig names and that cannot be read. */
export function unreadable(what: string, file: string, error: unknown): CredentialError {
  const text = `The ${what} ${file} of the kubeconfig cannot be read: ${errorText(error)}.`;
  return new CredentialError('FILE', text, 'Check the path and its permissions.', error);
}
