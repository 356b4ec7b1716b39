import { describe, expect, test } from 'vitest';
import { StepOutput } from './job-lines.ts';

describe('the output of the steps of a job', () => {
  test('waits for the end of a line, and keeps each byte', () => {
    const output = new StepOutput();
    const invalid = Buffer.from([0x61, 0xff, 0xc3, 0x0a, 0x00, 0x62]);
    expect(Buffer.from(output.add('task:a', invalid))).toEqual(
      Buffer.concat([Buffer.from('[task:a] '), invalid.subarray(0, 4)]),
    );
    expect(output.add('task:b', Buffer.from('x'))).toHaveLength(0);
    expect(Buffer.from(output.end('task:a'))).toEqual(Buffer.from('[task:a] \u0000b\n'));
    expect(output.end('task:a')).toHaveLength(0);
    expect(Buffer.from(output.add('task:b', Buffer.from('\n\ny\n'))).toString()).toBe(
      '[task:b] x\n[task:b] \n[task:b] y\n',
    );
  });
});
