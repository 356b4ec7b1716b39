/** The pod of a plan as a person reads it, for `--dry-run`. */
import { stringify } from 'yaml';
import type { Plan } from '../model/plan.ts';
import {
  fetchInputProgram,
  helperProgram,
  installProgram,
  mainProgram,
  type ContainerProgram,
} from '../store/programs.ts';
import { buildPod } from './pod.ts';

/** Stands for a tree's digest, which only a snapshot tells. */
const anyTree = '0'.repeat(64);

/** Our scripts are long and the same in every pod: what follows the program's name is left out. */
function abridged(program: ContainerProgram): ContainerProgram {
  return {
    command: program.command.map((word) => (word.length > 200 ? `(script of ${word.length} characters)` : word)),
  };
}

/** YAML of the pod. No secret is in a pod's spec, so none is here. */
export function podPreview(plan: Plan): string {
  const pod = buildPod(plan, {
    namespace: '(namespace of the context)',
    profile: plan.profile === 'auto' ? 'baseline' : plan.profile,
    startedAt: '(start)',
    programs: {
      fetchInputs:
        plan.store.kind === 'claim'
          ? plan.inputs.map((input, index) => ({
              input,
              program: abridged(
                fetchInputProgram({
                  index,
                  artifact: { tree: anyTree },
                  directory: `/volumes/${input.volume}`,
                  mode: 'restore',
                }),
              ),
            }))
          : [],
      install: abridged(installProgram()),
      main: abridged(mainProgram(0)),
      helper: abridged(helperProgram(0, [])),
    },
  });
  return stringify(pod, { aliasDuplicateObjects: false });
}
