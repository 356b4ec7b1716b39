/** The lines of a run as the editor shows them: in the panel, in a terminal, in a test's output. */
import type { Runner } from '../cluster/runner-host.ts';
import { briefFailure } from '../failures/editor-words.ts';

type ReportOptions = ConstructorParameters<Runner['Report']>[0];

/** fly's lines, a failure in three, one for the time that the run took, and commands by the names that the palette has. */
export function editorReport(
  runner: Runner,
  { screen, paint }: Pick<ReportOptions, 'screen' | 'paint'>,
): InstanceType<Runner['Report']> {
  return new runner.Report({
    screen,
    paint,
    now: () => performance.now(),
    quiet: false,
    verbose: false,
    phases: 'line',
    describe: briefFailure,
    shellHint: () => 'open a shell in it with "Tarmac: Open Shell in Task"',
  });
}
