/** docs/guide/troubleshooting.md: what each kind of failure means. */
import { remediesByKind, remedyTitle } from '#internal/client/src/failures/remedies.ts';
import { failureAdvice, failureGroups } from './failure-guide.ts';

const introduction = `# Troubleshooting

When a task cannot run, Tarmac says what happened, shows the cluster's own words as evidence, and offers a fix. The word
in brackets is the kind of the failure; below is what each kind means. A command that ends with another exit code than 0 is
a result, and not listed here.

![A task needed more memory than it may have; a button leads to the limit](../images/failure.png)

- \`tarmac doctor\` checks a cluster before anything is sent: the way to it, your rights, the claim, the helper image.
- In the editor, **Details** at a failure shows all of its evidence; *Tarmac* in the output panel is the extension's own log.
- Problems *in* a task file are explained in [rules](../rules.md).
`;

const questions = `## When nothing fails, and yet

**A file is not recognized as a task.** It is one by its name (below \`ci/\` or \`concourse/\`), by its first line
\`# concourse-task\`, by [\`tarmac.tasks.include\`](settings.md#tarmactasksinclude), or because it has \`platform\` and \`run\` at its top. A name alone does not
count for files that are another tool's (Ansible, GitLab, GitHub, Azure, go-task, Kubernetes, Compose and many more) and for
files that hold only values: they get no problems. The first line \`# concourse-task\` always counts, and so does a file that
you name to \`tarmac validate\`. *Tarmac: Treat File As…* says what a file is and remembers it, also for a file that is wrongly taken as
a task: *Neither* leaves it alone.

**Execute is missing.** The workspace is not trusted, which the view *Runs* says, or the file is not saved on a local disk.

**A file of an input is not there in the task.** Git ignores it. See [what is sent](inputs.md#what-is-sent).

**The script is not found, or not executable.** Tarmac sends files with the mode that they have on your disk (on Windows in git);
\`chmod +x\` the file and run it again. Check that the input it lies in is declared.

**\`echo $FOO\` prints nothing.** Only \`params\` of the task are in its environment. See [params](params.md).

**It ran in Concourse, and does not here.** *Execute Task* and \`tarmac execute -c TASK\` run one task by itself: what a
pipeline brings (resources, \`vars\` of the pipeline) has to be given. See [params](params.md) and [inputs](inputs.md), or
[run the step or its job](jobs.md) with what the pipeline says.

**The editor was closed.** The run keeps running in the cluster. Open the workspace again, or \`tarmac attach latest\`.
`;

/** The text of the page. */
export function troubleshootingPage(): string {
  const section = (kind: (typeof failureGroups)[number][1][number]): string => {
    const { means, evidence, next } = failureAdvice[kind];
    const buttons = remediesByKind[kind].map((action) => `**${remedyTitle(action)}**`).join(', ');
    return `### ${kind}\n\n${means}\n\n- Evidence: ${evidence}\n- Next: ${next}\n- In the editor: ${buttons}, where they apply.\n`;
  };
  const groups = failureGroups.map(([title, kinds]) => `## ${title}\n\n${kinds.map(section).join('\n')}`);
  return [introduction, ...groups, questions].join('\n');
}
