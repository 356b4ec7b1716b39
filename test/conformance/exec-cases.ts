// Reads one case a line as JSON on stdin, runs it through the real JobRun with scripted leaves on a simulated clock,
// and prints one result a line as JSON, in the same order. A case that cannot be run gives {"failed_to_run": why}.
// The form of both is that of test/conformance/exec/ (its README).
import { createInterface } from 'node:readline';
import { jsonText, parseJson } from '#internal/runner/src/job/values/values.ts';
import { resultLine, type ExecCase } from './exec-run.ts';

for await (const line of createInterface({ input: process.stdin })) {
  if (line.trim() === '') continue;
  let result: string;
  try {
    result = await resultLine(parseJson(line) as unknown as ExecCase);
  } catch (error) {
    result = jsonText({ failed_to_run: error instanceof Error ? error.message : String(error) });
  }
  process.stdout.write(`${result}\n`);
}
