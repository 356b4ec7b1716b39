/** The line that a view shows in place of output that came too fast for it. */
import * as l10n from '@vscode/l10n';

/**
 * What a view says where it leaves out what came too fast for it.
 * @param size of what is left out, as it reads
 * @param logFile absolute path of the file that has everything; the view makes a link of it
 */
export function leftOutText(size: string, logFile: string): string {
  return l10n.t('… {0} left out here; the full log is in {1}', size, logFile);
}
