import { describe, expect, it } from 'vitest';
import { exitCodeHint } from './exit-code-hint.ts';

describe('what an exit code usually means', () => {
  it.each([
    [0, undefined],
    [1, undefined],
    [126, /cannot be run/],
    [127, /not found/],
    [128, undefined],
    [130, /SIGINT/],
    [137, /SIGKILL, often because it used more memory/],
    [139, /SIGSEGV/],
    [143, /SIGTERM/],
    [255, undefined],
  ])('%i', (code, hint) => {
    if (hint) expect(exitCodeHint(code)).toMatch(hint);
    else expect(exitCodeHint(code)).toBeUndefined();
  });
});
