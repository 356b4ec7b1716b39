/** What was different from the last run of a task that succeeded: inputs, params, image, command, by their digests. Pure. */
import * as l10n from '@vscode/l10n';
import type { GivenDifference, RunRecord } from '#runner';

/** The newest run of the same task that succeeded before this one. @param records newest first */
export function lastGreen(record: RunRecord, records: readonly RunRecord[]): RunRecord | undefined {
  return records.find(
    ({ run, task, taskFile, status, startedAt }) =>
      run !== record.run &&
      task === record.task &&
      taskFile === record.taskFile &&
      status === 'succeeded' &&
      startedAt < record.startedAt,
  );
}

/** The page that tells it. @param differences undefined where one of the runs is of an older version */
export function differencesText(
  green: RunRecord,
  record: RunRecord,
  differences: readonly GivenDifference[] | undefined,
): string {
  const head = [
    l10n.t('What was different between two runs of {0}', record.task),
    '',
    l10n.t('Last green run: {0}, {1}', green.run, new Date(green.startedAt).toLocaleString()),
    l10n.t('This run: {0}, {1}', record.run, new Date(record.startedAt).toLocaleString()),
    '',
  ];
  if (!differences) {
    return [
      ...head,
      l10n.t('One of them was made by an older version of Tarmac, which did not write down what it was given.'),
      '',
    ].join('\n');
  }
  if (differences.length === 0) {
    return [
      ...head,
      l10n.t('Nothing: inputs, params, image and command were the same. The task may be flaky.'),
      '',
    ].join('\n');
  }
  return [...head, ...differences.flatMap(lines), ''].join('\n');
}

function lines({ kind, name, before, after }: GivenDifference): string[] {
  const titles: Readonly<Record<GivenDifference['kind'], string>> = {
    input: l10n.t('Input {0}', name),
    param: l10n.t('Param {0}', name),
    image: l10n.t('Image'),
    command: l10n.t('Command'),
    surroundings: l10n.t('Limits, sidecars or privileges'),
  };
  // The value of a param may be a secret: only that it is another one is known.
  const isHidden = kind === 'param' || kind === 'surroundings';
  const change =
    before === undefined
      ? l10n.t('was not there before')
      : after === undefined
        ? l10n.t('is not there any more')
        : l10n.t('is another one');
  if (isHidden) return [`${titles[kind]}: ${change}`];
  return [
    `${titles[kind]}: ${change}`,
    ...(before === undefined ? [] : [`  ${l10n.t('before: {0}', before)}`]),
    ...(after === undefined ? [] : [`  ${l10n.t('after: {0}', after)}`]),
  ];
}
