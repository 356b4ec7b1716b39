/** What the containers of a run's pod do until they are asked for something: the same in a new pod and in a spare. */
import { volumeDirectory } from '../../artifacts/input-delivery.ts';
import type { Plan } from '../../model/plan.ts';
import { helperProgram, mainProgram, type ContainerProgram, type SelfSave } from '../../store/programs.ts';
import { POD_LAYOUT } from '../../supervisor/layout.ts';

/**
 * A pod whose client is gone ends by itself this long after the last sign of life, at the earliest: long enough for a
 * laptop to sleep through lunch, or for a large image to be pulled before the command starts.
 */
const deadManSeconds = 30 * 60;

/** What the helper saves without us, should we not be there when the command ends. */
function selfSaveOf(plan: Plan): SelfSave {
  const { run } = plan;
  return {
    run,
    artifacts: [
      ...plan.outputs.map(({ name, volume }) => ({ artifact: { run, name }, directory: volumeDirectory(volume) })),
      ...plan.caches.map(({ key, volume }) => ({ artifact: { cache: key }, directory: volumeDirectory(volume) })),
    ],
  };
}

/** The idling programs of `main` and of the helper. */
export function idlePrograms(plan: Plan): { readonly main: ContainerProgram; readonly helper: ContainerProgram } {
  const keepSeconds = Math.max(deadManSeconds, Math.ceil(plan.keepMs / 1000));
  return {
    main: mainProgram(keepSeconds),
    helper: helperProgram(
      keepSeconds,
      plan.volumes.map((volume) => volumeDirectory(volume.name)),
      POD_LAYOUT,
      plan.store.kind === 'claim' ? selfSaveOf(plan) : undefined,
    ),
  };
}
