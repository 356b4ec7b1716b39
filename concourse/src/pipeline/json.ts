/** A decoded pipeline as JSON text. */
import { configJson } from '../text/config-json.ts';
import type { PipelineConfig } from './config.ts';

/** The JSON that `fly format-pipeline` works with; uint64 limits keep every digit. */
export function pipelineConfigJson(config: PipelineConfig): string {
  return configJson(config);
}
