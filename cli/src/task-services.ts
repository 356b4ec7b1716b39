/** The task model behind the command line. */
import { decodeTask, loadVars } from '#concourse';
import type { TaskServices } from './services.ts';

export const taskServices: TaskServices = {
  decode(text, sources) {
    const { vars, errors } = loadVars(sources);
    return errors.length > 0 ? { problems: errors } : { document: decodeTask(text, { vars, extensions: true }) };
  },
  validate: async (...request) => (await import('./validate/validate.ts')).validateFiles(...request),
};
