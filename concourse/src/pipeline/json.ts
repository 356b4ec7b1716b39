/** A decoded pipeline as JSON text. */
import type { PipelineConfig } from './config.ts';

function write(value: unknown): string {
  if (typeof value === 'bigint') return value.toString();
  if (Array.isArray(value)) return `[${value.map(write).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value).filter(([, member]) => member !== undefined);
    return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${write(member)}`).join(',')}}`;
  }
  return JSON.stringify(value ?? null);
}

/** The JSON that `fly format-pipeline` works with; uint64 limits keep every digit. */
export function pipelineConfigJson(config: PipelineConfig): string {
  return write(config);
}
