/** The services that the command line really uses. Each room loads on first use. */
import type { Services } from './services.ts';

/** `validate` and `--help` never load the runner; nothing loads twice. */
export function realServices(): Services {
  return {
    task: async () => (await import('./task-services.ts')).taskServices,
    runner: async () => (await import('./runner-services.ts')).runnerServices,
  };
}
