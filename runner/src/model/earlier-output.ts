/** `run:RUN/OUTPUT`: how an output of an earlier run is named wherever the folder of an input may be named. */
import type { InputSource } from './plan.ts';

/** An output of an earlier run. */
export interface EarlierOutput {
  readonly run: string;
  readonly output: string;
}

/** The output that a text names; undefined for a text that is the path of a folder. */
export function parseEarlierOutput(text: string): EarlierOutput | undefined {
  const [, run, output] = /^run:([^/]+)\/(.+)$/su.exec(text) ?? [];
  return run === undefined || output === undefined ? undefined : { run, output };
}

/** The text that `parseEarlierOutput` reads. */
export function formatEarlierOutput({ run, output }: EarlierOutput): string {
  return `run:${run}/${output}`;
}

/** Where an input comes from, as a person writes it. */
export function formatInputSource(source: InputSource): string {
  return source.kind === 'directory' ? source.directory : formatEarlierOutput(source);
}
