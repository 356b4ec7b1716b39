/** `tarmac doctor`: proves, call by call, that a task could run here. */
import { type DoctorCheck, formatDuration, printable, type Style } from '#runner/model';
import {
  claimOf,
  clusterOptions,
  helperImageOf,
  interruptible,
  paintOf,
  podShapeOf,
  printJson,
  printLines,
  type ClaimFlags,
  type ClusterFlags,
  type CommandContext,
  type PodFlags,
} from '../context.ts';

export type DoctorFlags = ClusterFlags & ClaimFlags & PodFlags & { readonly json?: boolean };

const outcomeStyles: Readonly<Record<DoctorCheck['outcome'], Style>> = {
  ok: 'green',
  warning: 'yellow',
  failed: 'boldRed',
  skipped: 'dim',
};
const widest = 'warning'.length;

/**
 * A line per check as it is made, with `--json` an array of `DoctorCheck` at the end.
 * @returns 1 when a check failed, else 0
 */
export async function doctor(flags: DoctorFlags, context: CommandContext): Promise<number> {
  const { io } = context;
  const paint = paintOf(io, flags);
  return interruptible(io, async (signal) => {
    const runner = await context.services.runner();
    const claim = claimOf(io, flags);
    const helperImage = helperImageOf(io, flags.helperImage);
    const checks: DoctorCheck[] = [];
    const options = {
      ...clusterOptions(io, flags, signal),
      pod: podShapeOf(runner, flags),
      claim,
      helperImage,
    };
    for await (const check of runner.doctor(options)) {
      checks.push(check);
      if (flags.json) continue;
      const outcome = paint(outcomeStyles[check.outcome], check.outcome.padEnd(widest));
      const indent = ' '.repeat(widest + 2);
      const lines = [`${outcome}  ${check.name}: ${printable(check.detail)} (${formatDuration(check.durationMs)})`];
      if (check.fix !== undefined) lines.push(...check.fix.split('\n').map((line) => indent + printable(line)));
      await printLines(io, lines);
    }
    if (flags.json) await printJson(io, checks);
    return checks.some((check) => check.outcome === 'failed') ? 1 : 0;
  });
}
