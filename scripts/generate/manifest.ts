/** The parts of package.json that follow from the code: ids of rules in the setting, globs of task files. */
import { format, resolveConfig } from 'prettier';
import { RULES, TASK_FILE_GLOBS, rulePage } from '../../task/src/index.ts';

/** What is changed of the manifest; the rest is kept as it is. */
interface Manifest {
  contributes: {
    languages: { id: string; filenamePatterns?: readonly string[] }[];
    configuration: { properties: Record<string, { properties?: unknown }> }[];
  };
}

const LEVELS = ['error', 'warning', 'information', 'hint', 'off'];

function ruleProperties(): Record<string, unknown> {
  const sorted = [...RULES].sort((a, b) => (a.id < b.id ? -1 : 1));
  return Object.fromEntries(
    sorted.map(({ id, title, severity }) => [
      id,
      { enum: LEVELS, default: severity, markdownDescription: `${title}. [More](${rulePage(id)})` },
    ]),
  );
}

/** The manifest's text with those parts made anew. */
export async function manifestText(text: string): Promise<string> {
  const manifest = JSON.parse(text) as Manifest;
  for (const { properties } of manifest.contributes.configuration) {
    const rules = properties['tarmac.rules'];
    if (rules) rules.properties = ruleProperties();
  }
  const language = manifest.contributes.languages.find(({ id }) => id === 'concourse-task-yaml');
  if (language) language.filenamePatterns = TASK_FILE_GLOBS;
  const config = await resolveConfig('package.json');
  return format(JSON.stringify(manifest, undefined, 2), { ...config, parser: 'json-stringify' });
}
