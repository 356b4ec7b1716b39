/** Rules about which keys a task has. The decoder and the validation report all but the last two. */
import { firstKeyRange } from '../../yaml/lookup.ts';
import type { Rule } from '../rule.ts';
import { entryAt } from '../tree.ts';

const SCHEMA =
  'Source: [tasks](https://concourse-ci.org/docs/tasks/) and [atc/task.go](https://github.com/concourse/concourse/blob/master/atc/task.go).';
const STEP = 'Source: [task step](https://concourse-ci.org/docs/steps/task/).';

/** Which keys a task has and must have. */
export const STRUCTURE_RULES: readonly Rule[] = [
  {
    id: 'unknown-key',
    group: 'structure',
    severity: 'error',
    title: 'A key that a task does not have',
    documentation: `At the top of the file an unknown key makes Concourse reject it. Deeper down (\`run.agrs\`, \`image_resource.repository\`) Concourse 8.0 and older reject it too, while 8.1 and later silently ignore it: there it is a **warning**, and an error only when a required key is missing because of it.\n\n${SCHEMA}`,
    example: 'platform: linux\nouputs:\n  - name: result\n',
    fixable: true,
  },
  {
    id: 'step-key',
    group: 'structure',
    severity: 'error',
    title: 'A key of the pipeline step',
    documentation: `\`privileged\`, \`vars\`, \`timeout\`, \`input_mapping\` and the like are set on the task step of a pipeline, beside \`file:\`. In the task file Concourse rejects them as unknown.\n\n${STEP}`,
    example: 'platform: linux\nprivileged: true\n',
    fixable: true,
  },
  {
    id: 'helper-key',
    group: 'structure',
    severity: 'error',
    title: 'A top-level key that only holds an anchor',
    documentation: `In pipelines anchors are often collected under a key of their own. Task files allow no unknown keys, so Concourse rejects it. Put the anchor on the first use of the value.\n\n${SCHEMA}`,
    example: 'platform: linux\ncommon: &common {A: "1"}\nparams: *common\n',
    fixable: true,
  },
  {
    id: 'legacy-image',
    group: 'structure',
    severity: 'error',
    title: 'image: from before Concourse 3.0',
    documentation: `Up to Concourse 2 a task named its image by \`image: docker:///busybox\`. Today this is an unknown key. Use \`image_resource\`. (\`image:\` with the name of an artifact belongs to the task step of a pipeline.)\n\n${SCHEMA}`,
    example: 'platform: linux\nimage: docker:///busybox\n',
    fixable: true,
  },
  {
    id: 'wrong-case-key',
    group: 'structure',
    severity: 'error',
    title: 'A key in other letter case',
    documentation: `Concourse 8.1 and later reject \`Platform:\` at the top of the file. Deeper down, and in older versions everywhere, Go's JSON decoder does not mind the case: there it is a **warning**, because other tools do.\n\n${SCHEMA}`,
    example: 'Platform: linux\n',
    fixable: true,
  },
  {
    id: 'wrong-type',
    group: 'structure',
    severity: 'error',
    title: 'A value of the wrong kind',
    documentation: `For example a text where a list is expected (\`args: -c\`), a number where a text is expected (\`user: 1000\`), or a list where a mapping is expected (\`params: [A]\`). Concourse reports only the first one of a file. Quote numbers and YAML 1.1's booleans (\`yes\`, \`on\`, \`y\` …) where text is meant.\n\n${SCHEMA}`,
    example: 'platform: linux\nrun:\n  path: sh\n  args: -c\n',
    fixable: true,
  },
  {
    id: 'missing-platform',
    group: 'structure',
    severity: 'error',
    title: 'No platform',
    documentation: `\`platform\` is the one key that every task must have. Write \`platform: linux\`.\n\n${SCHEMA}`,
    example: 'run:\n  path: make\n',
    fixable: true,
  },
  {
    id: 'missing-run-path',
    group: 'structure',
    severity: 'error',
    targets: ['5.5'],
    title: 'No run.path, before Concourse 8.0',
    documentation: `Up to 7.x \`run.path\` is required. Since 8.0 the image's entrypoint runs without it.\n\n${SCHEMA}`,
    example: 'platform: linux\n',
    fixable: true,
  },
  {
    id: 'missing-name',
    group: 'structure',
    severity: 'error',
    title: 'An input or output without a name',
    documentation: `Every input and output needs a \`name\`.\n\n${SCHEMA}`,
    example: 'platform: linux\ninputs:\n  - path: repo\n',
    fixable: true,
  },
  {
    id: 'needs-newer-concourse',
    group: 'structure',
    severity: 'warning',
    targets: ['8.0', '5.5'],
    title: 'A key that the target version does not know',
    documentation: `\`caches[].ttl\` is known since Concourse 8.2. The target that is set is older: it rejects or ignores the key.\n\n${SCHEMA}`,
    example: 'platform: linux\nrun: {path: make}\ncaches:\n  - path: .cache\n    ttl: 24h\n',
    fixable: true,
    check({ document, environment, report }) {
      if (environment.target === 'current') return;
      const caches = entryAt(document.root, 'caches')?.value;
      if (caches?.kind !== 'list') return;
      caches.items.forEach((cache, index) => {
        const ttl = entryAt(cache, 'ttl');
        if (!ttl) return;
        const message = `Concourse knows 'ttl' since 8.2; the version that is set as the target rejects or ignores it. Remove it, or set a newer target.`;
        report(ttl.key.range, message, { data: { path: ['caches', index, 'ttl'], key: 'ttl' } });
      });
    },
  },
  {
    id: 'no-command',
    group: 'structure',
    severity: 'hint',
    targets: ['current', '8.0'],
    title: 'No run.path: the entrypoint of the image runs',
    documentation: `Since Concourse 8.0 a task without \`run.path\` starts what the image says (ENTRYPOINT and CMD). When the image says nothing, the run fails.\n\n${SCHEMA}`,
    example: 'platform: linux\nimage_resource: {type: registry-image, source: {repository: hello-world, tag: linux}}\n',
    fixable: true,
    check({ document, environment, report }) {
      if (environment.target === '5.5' || !document.valid || document.config.run.path !== '') return;
      const run = entryAt(document.root, 'run');
      const range = entryAt(document.root, 'run', 'path')?.key.range ?? run?.key.range ?? firstKeyRange(document.root);
      report(
        range,
        "The task names no command: the image's entrypoint runs. Set run.path if something else is meant.",
        {
          data: { path: ['run', 'path'], key: run ? 'path' : 'run' },
        },
      );
    },
  },
];
