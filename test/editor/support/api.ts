/** For editor tests: the API that the extension exports. */
import assert from 'node:assert/strict';
import { extensions } from 'vscode';
import type { TarmacApi } from '#internal/client/src/api/tarmac-api.ts';

/** What other extensions get of this one. */
export async function tarmac(): Promise<TarmacApi> {
  const extension = extensions.getExtension<TarmacApi>('tarmac.tarmac');
  assert.ok(extension, 'the extension is installed');
  return extension.activate();
}
