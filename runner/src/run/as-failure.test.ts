import { expect, test } from 'vitest';
import { ArchiveError } from '../archive/errors.ts';
import { ApiError } from '../cluster/errors.ts';
import { downloadFailed, saveFailed } from '../failures/index.ts';
import { RunFailureError, type FailureKind } from '../failures/types.ts';
import { SnapshotError } from '../snapshot/errors.ts';
import { StoreError } from '../store/errors.ts';
import { asFailure } from './as-failure.ts';

const known = saveFailed('Output out', 'gone');
const wrap = (text: string) => downloadFailed('out', text, {});

test.each<[string, unknown, FailureKind, string]>([
  ['a failure stays what it is', new RunFailureError(known), 'upload-failed', 'Output out could not be saved'],
  [
    'a file that cannot be read',
    new SnapshotError('UNREADABLE', '/a', 'cannot read /a'),
    'upload-failed',
    'cannot read /a',
  ],
  ['a full volume', new StoreError('NO_SPACE', 'no space'), 'store-full', 'The artifact store is full'],
  ['a quota', new StoreError('QUOTA', 'disk quota'), 'store-full', 'The artifact store is full'],
  [
    'a volume that cannot be written',
    new StoreError('READ_ONLY', 'no'),
    'store-readonly',
    'The artifact store cannot be written',
  ],
  ['damaged bytes', new StoreError('DAMAGED', 'cut'), 'store-corrupt', 'The store holds damaged data'],
  [
    'what only the caller can name',
    new StoreError('STALE', 'stale handle'),
    'download-failed',
    'Output out could not be fetched',
  ],
  [
    'a full local disk is not a full store',
    new ArchiveError('TARGET', 'cannot write /out/a: ENOSPC: no space left on device', '/out/a'),
    'download-failed',
    'cannot write /out/a: ENOSPC: no space left on device',
  ],
  [
    'an answer of the API',
    new ApiError({ code: 403, reason: 'Forbidden', message: 'no', verb: 'create', resource: 'pods/exec' }),
    'forbidden',
    '',
  ],
  ['anything else', new Error('odd'), 'download-failed', 'Output out could not be fetched'],
])('%s', (_name, error, kind, title) => {
  const failure = asFailure(error, wrap);
  expect(failure.kind).toBe(kind);
  expect(failure.title).toContain(title);
  expect(failure.nextStep).not.toBe('');
});
