/** Giving way to other extensions that answer the same questions about the same document. */
import { PIPELINE_LANGUAGE, TASK_LANGUAGE } from '#workspace';

/** Features that another extension may have, too. */
export type SharedFeature = 'completion' | 'hover' | 'symbols' | 'folding' | 'selection' | 'formatting';

interface Neighbour {
  /** Language ids of the documents that it handles. */
  readonly languages: readonly string[];
  readonly gives: readonly SharedFeature[];
}

/** Extensions by id, with what they give in their newest version. */
const NEIGHBOURS: Readonly<Record<string, Neighbour>> = {
  // Red Hat YAML selects documents by language and does not know ours.
  'redhat.vscode-yaml': {
    languages: ['yaml'],
    gives: ['completion', 'hover', 'symbols', 'folding', 'selection', 'formatting'],
  },
  // Spring's server has keys and their documentation, and nothing else of this list.
  'vmware.vscode-concourse': { languages: [TASK_LANGUAGE, PIPELINE_LANGUAGE], gives: ['completion', 'hover'] },
};

/**
 * True where a feature is left to another extension: two answers side by side serve nobody. What only we know (checks,
 * navigation, code actions, hints) is never muted.
 *
 * @param present ids of the extensions that the client has announced
 */
export function isMuted(feature: SharedFeature, languageId: string, present: readonly string[]): boolean {
  return present.some((id) => {
    const neighbour = Object.hasOwn(NEIGHBOURS, id) ? NEIGHBOURS[id] : undefined;
    return neighbour?.languages.includes(languageId) === true && neighbour.gives.includes(feature);
  });
}
