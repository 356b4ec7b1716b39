/**
 * A failure in the words of the editor. The runner tells terminals which command to type; here a command of the palette, a
 * button or a setting does the same. Pure.
 */
import * as l10n from '@vscode/l10n';
import type { RunFailure } from '#runner';

/** From what a terminal types to what the editor has; the first that fits a place counts. */
const replacements: readonly (readonly [RegExp, string])[] = [
  // Whole sentences and clauses first: what a button beside them does needs no words.
  [/; check it with `kubectl auth can-i[^`]*`\. `tarmac doctor` lists all that is missing\./gu, '.'],
  [/ \(check it with `kubectl auth can-i[^`]*`\)/gu, ''],
  [/ Existing ones: `kubectl get pvc[^`]*`\./gu, ''],
  [/ `kubectl (?:cluster-info|version)` must answer\./gu, ''],
  [/; `tarmac doctor` checks the helper image\./gu, '.'],
  [
    /, or name a Secret that is there with `--pull-secret` \(`tarmac\.pullSecrets`\)/gu,
    ', or name one in `tarmac.pullSecrets`',
  ],
  [
    /`--pod-annotation ([^`]+)` \(setting `tarmac\.pod`, `annotations`\)/gu,
    '`$1` in `annotations` of the setting `tarmac.pod`',
  ],
  [/`--[a-z-]+` \(setting `(tarmac\.\w+)`, `(\w+)`\)/gu, '`$2` in the setting `$1`'],
  [
    /`--pull-policy never` \(setting `tarmac\.pod`, `imagePullPolicy`\)/gu,
    '`imagePullPolicy: Never` in the setting `tarmac.pod`',
  ],
  [/`tarmac store init[^`]*`|'tarmac store init[^']*'/gu, '*Create Artifact Store*'],
  [/`tarmac store prune`/gu, '*Clean Up Artifact Store*'],
  [/[`']tarmac download[^`']*[`']/gu, '*Download…* in the Runs view'],
  [/`tarmac shell`/gu, '*Open Shell in Task*'],
  [/`tarmac (?:runs|artifacts)[^`]*`/gu, 'The Runs view'],
  [/`tarmac abort[^`]*`/gu, '*Abort Run*'],
  [/`tarmac attach[^`]*`/gu, '*Follow Run*'],
  [/`tarmac doctor`/gu, '*Choose Cluster*'],
  [/run without one \(`--no-claim`\)/gu, 'set `tarmac.claim` to `none`'],
  [/`?--no-claim`?/gu, '`none` in the setting `tarmac.claim`'],
  [/`?--claim(?: NAME)?`?/gu, 'the setting `tarmac.claim`'],
  [/`?--keep 30m`?/gu, '`30m` in the setting `tarmac.keep`'],
  [/`?--timeout(?: 1h)?`?/gu, 'the setting `tarmac.timeout`'],
  [/`?--pull-secret`?/gu, 'the setting `tarmac.pullSecrets`'],
  [/`?--helper-image`?/gu, 'the setting `tarmac.helperImage`'],
  [
    /`?--(?:node-selector|toleration|service-account|priority-class|pull-policy(?: never)?|ephemeral-storage)`?/gu,
    'the setting `tarmac.pod`',
  ],
  [/`?--security-profile`?/gu, 'the setting `tarmac.securityProfile`'],
  [/-o NAME=DIR/gu, 'a folder for the output'],
];

/** What to do now, without a command line where the editor has something of its own for it. */
export function editorStep(nextStep: string): string {
  const text = replacements.reduce((step, [pattern, words]) => step.replace(pattern, words), nextStep).trim();
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** The same for a place that shows no Markdown. */
export function plainStep(nextStep: string): string {
  return editorStep(nextStep).replaceAll(/[`*]/gu, "'");
}

/** Longer evidence is for the details. */
const longestEvidence = 200;

/** A failure in three lines for the output panel: what happened, what shows it, what to do. */
export function briefFailure({ title, evidence, nextStep }: RunFailure): string {
  const [first = ''] = (evidence[0] ?? '').split('\n');
  const shown = first.length > longestEvidence ? `${first.slice(0, longestEvidence)}…` : first;
  const step = editorStep(nextStep).replaceAll(/\*([^*]+)\*/gu, '"Tarmac: $1"');
  return [title, ...(shown === '' ? [] : [`  ${shown}`]), `Next: ${step}`].join('\n');
}

/** A notification shows about two lines of it without being opened. */
const longestToast = 140;

/** The text of a notification: one line where that says enough, for its buttons do the next step. */
export function toastText(
  task: string | undefined,
  { title, nextStep }: Pick<RunFailure, 'title' | 'nextStep'>,
): string {
  const what = `${task === undefined ? '' : `${task}: `}${title}.`;
  const step = plainStep(nextStep);
  return `${what} ${step}`.length <= longestToast ? `${what} ${step}` : what;
}

/** A failure as a page: what happened, what to do, and everything that proves it, folded. */
export function failurePage(failure: RunFailure, where: string): string {
  const { kind, title, evidence, nextStep } = failure;
  const lines = evidence.flatMap((text) => text.split('\n'));
  const fence = '`'.repeat(3 + Math.max(0, ...lines.map((line) => /^`{3,}/u.exec(line.trim())?.[0].length ?? 0)));
  return [
    `# ${escaped(title)}`,
    escaped(where),
    `**${l10n.t('What to do:')}** ${editorStep(nextStep)}`,
    ...(lines.length === 0 ? [] : [`## ${l10n.t('Details')}`, [fence, ...lines, fence].join('\n')]),
    l10n.t('Kind of failure: {0}. The page Troubleshooting of the guide explains each kind.', `\`${kind}\``),
  ]
    .filter((part) => part !== '')
    .join('\n\n')
    .concat('\n');
}

/** Text that Markdown takes as it is. */
function escaped(text: string): string {
  return text.replaceAll(/[\\`*_{}[\]<>#|]/gu, '\\$&');
}
