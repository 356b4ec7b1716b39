/**
 * The parts of package.json that follow from the code: ids of rules in the setting, globs of task files; and its texts,
 * which are in package.nls.json.
 */
import { readFile } from 'node:fs/promises';
import { format, resolveConfig } from 'prettier';
import { PIPELINE_FILE_GLOBS, RULES, TASK_FILE_GLOBS } from '#concourse';
import { withoutManifestTexts, withTexts, type ManifestTexts } from './manifest-texts.ts';

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
      { enum: LEVELS, default: severity, markdownDescription: `${title}.` },
    ]),
  );
}

/** The manifest as people read it, with those parts made anew. */
function readable(text: string, texts: ManifestTexts): Manifest {
  const written = JSON.parse(text) as Manifest;
  // Made anew below; the keys of rules that are no more have no text.
  for (const { properties } of written.contributes.configuration) delete properties['tarmac.rules']?.properties;
  const manifest = withTexts(written, texts);
  for (const { properties } of manifest.contributes.configuration) {
    const rules = properties['tarmac.rules'];
    if (rules) {
      const { markdownDescription, ...rest } = rules as Record<string, unknown>;
      properties['tarmac.rules'] = { ...rest, properties: ruleProperties(), markdownDescription } as typeof rules;
    }
  }
  for (const language of manifest.contributes.languages) {
    if (language.id === 'concourse-task-yaml') language.filenamePatterns = TASK_FILE_GLOBS;
    if (language.id === 'concourse-pipeline-yaml') language.filenamePatterns = PIPELINE_FILE_GLOBS;
  }
  return manifest;
}

async function jsonText(value: unknown): Promise<string> {
  const config = await resolveConfig('package.json');
  return format(JSON.stringify(value, undefined, 2), { ...config, parser: 'json-stringify' });
}

/** Texts of the manifest, by key; none yet when the file is not there. */
async function presentTexts(): Promise<ManifestTexts> {
  return JSON.parse(await readFile('package.nls.json', 'utf8').catch(() => '{}')) as ManifestTexts;
}

/** The manifest's text with those parts made anew, and keys in the place of its texts. */
export async function manifestText(text: string): Promise<string> {
  return jsonText(withoutManifestTexts(readable(text, await presentTexts())).manifest);
}

/** The text of package.nls.json. It is made before package.json, where new texts are still plain. */
export async function manifestTextsText(present: string): Promise<string> {
  const texts = JSON.parse(present === '' ? '{}' : present) as ManifestTexts;
  return jsonText(withoutManifestTexts(readable(await readFile('package.json', 'utf8'), texts)).texts);
}
