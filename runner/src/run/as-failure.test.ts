/** Errors of the parts of a run, as failures with one next step. */
import { expect, test } from 'vitest';
import { ArchiveError, FileChangedError } from '../archive/errors.ts';
import { KubeconfigError } from '../cluster/errors.ts';
import { SnapshotError } from '../snapshot/errors.ts';
import { StoreError } from '../store/errors.ts';
import { asFailure } from './as-failure.ts';

test.each([
  [
    new StoreError('NO_SPACE', 'saving x: no space left on the volume'),
    'store-full',
    'saving x: no space left on the volume',
  ],
  [new StoreError('READ_ONLY', 'permission denied for user 1000'), 'store-readonly', 'permission denied for user 1000'],
  [new StoreError('DAMAGED', 'the archive is damaged.'), 'store-corrupt', 'the archive is damaged'],
  [
    new KubeconfigError('NO_CONTEXT', 'No context is current.', 'Choose one.'),
    'config-error',
    'No context is current.',
  ],
])('%s: the evidence says what happened, not what to do', (error, kind, evidence) => {
  const failure = asFailure(error);
  expect(failure).toMatchObject({ kind, evidence: [evidence] });
  expect(failure.nextStep).not.toBe('');
});

test.each([
  [new SnapshotError('UNREADABLE', '/a', 'Cannot read "/a" (EACCES).'), /^Make the file readable/, false],
  [new SnapshotError('NOT_A_DIRECTORY', '/a', '"/a" is not a directory.'), /-i NAME=PATH/, false],
  [new FileChangedError('/a'), /^Run the task again/, true],
])('%s: the next step is about that', (error, nextStep, retryable) => {
  const failure = asFailure(error);
  expect(failure).toMatchObject({ kind: 'upload-failed', title: error.message, retryable });
  expect(failure.nextStep).toMatch(nextStep);
});

test('a folder that cannot be made is a failed download, in its own words', () => {
  const error = new ArchiveError('TARGET', 'The directory "x" cannot be made: there is a file in its place.');
  expect(asFailure(error)).toMatchObject({ kind: 'download-failed', title: error.message });
});
