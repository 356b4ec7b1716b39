import { describe, expect, it } from 'vitest';
import type { RunFailure } from '#runner/model';
import { runExitCode } from './exit-code.ts';

const failed = (kind: RunFailure['kind']): { failure: RunFailure } => ({
  failure: { kind, title: '', evidence: [], nextStep: '', retryable: false },
});

describe('the exit code of a run, as fly has it', () => {
  it.each([
    ['succeeded', { status: 'succeeded', exitCode: 0 }, 0],
    ['the task ended with 5', { status: 'failed', exitCode: 5 }, 5],
    ['the task ended with 255', { status: 'failed', exitCode: 255 }, 255],
    ['failed without an exit status (a timeout)', { status: 'failed' }, 1],
    ['errored', { status: 'errored' }, 2],
    ['errored after the task succeeded', { status: 'errored', exitCode: 0 }, 2],
    ["errored after the task's code was seen", { status: 'errored', exitCode: 7 }, 7],
    ['aborted', { status: 'aborted' }, 3],
    ['aborted, the task died of it', { status: 'aborted', exitCode: 143 }, 3],
    ['a pod that could not be deleted', { status: 'succeeded', exitCode: 0, ...failed('forbidden') }, 2],
    ['an upload failed', { status: 'errored', ...failed('upload-failed') }, 1],
    ['a download failed', { status: 'errored', exitCode: 0, ...failed('download-failed') }, 1],
    ['a download failed after the task did', { status: 'failed', exitCode: 5, ...failed('download-failed') }, 1],
    ['an image that does not exist', { status: 'errored', ...failed('image-not-found') }, 2],
  ] as const)('%s', (_name, result, code) => {
    expect(runExitCode(result)).toBe(code);
  });
});
