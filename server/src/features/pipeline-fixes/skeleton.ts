/** The text of a new task file, from what the step that names it finds and gives. */
import { entryOf, type StepFinds } from '#concourse';
import { nestedLines, type NewValue, scalarSource } from '../fixes/layout.ts';
import { textAt, type WrittenStep } from '../pipeline/model.ts';
import { entriesOf, firstPart } from '../pipeline/spots.ts';

/** Artifacts that become inputs; where there are more only the one with the file does. */
const MOST_INPUTS = 5;

/**
 * A task for a step: its inputs are what the step maps, else what it finds; its outputs what the step maps; its params what
 * the step gives. The image is left out where the step brings one.
 */
export function taskSkeleton({ node }: WrittenStep, finds: StepFinds | undefined): string {
  const found = [...(finds?.artifacts.keys() ?? [])].filter((name) => name !== textAt(node, 'image')?.text);
  const mappedFrom = new Set(
    entriesOf(node, 'input_mapping').flatMap(({ value }) => (value.kind === 'scalar' ? [value.text] : [])),
  );
  const mapped = entriesOf(node, 'input_mapping').map(({ name }) => name);
  const own = firstPart(textAt(node, 'file')?.text ?? '');
  const free = found.filter((name) => !mappedFrom.has(name) && !mapped.includes(name));
  const inputs = [...mapped, ...(free.length > MOST_INPUTS ? free.filter((name) => name === own) : free)];
  const outputs = entriesOf(node, 'output_mapping').map(({ name }) => name);
  const params = entriesOf(node, 'params').map(({ name }): [string, NewValue] => [scalarSource(name), '']);
  const ports = (names: readonly string[]): NewValue => names.map((name) => ({ name: scalarSource(name) }));
  const image = { type: 'registry-image', source: { repository: 'busybox' } };
  const task: Record<string, NewValue> = {
    platform: 'linux',
    ...(entryOf(node, 'image') ? {} : { image_resource: image }),
    ...(inputs.length > 0 ? { inputs: ports(inputs) } : {}),
    ...(outputs.length > 0 ? { outputs: ports(outputs) } : {}),
    ...(params.length > 0 ? { params: Object.fromEntries(params) } : {}),
    run: { path: 'sh', args: ['-ec', '|\necho "Write the commands of the task here."'] },
  };
  return `${nestedLines(task).join('\n')}\n`;
}
