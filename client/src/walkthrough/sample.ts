/** The task and the pipeline that the walkthrough opens. The task: it runs on any cluster that can pull BusyBox, needs no input and leaves an output. */

/** Where it is written, relative to a workspace folder. */
export const samplePath = 'ci/tasks/tarmac-sample.yml';

/** The misspelled key that the walkthrough has people fix, and what it should be. */
export const sampleMistake = { wrong: 'image_resouce', right: 'image_resource' } as const;

/** Text of the file, with its mistake. */
export const sampleText = `# concourse-task
# Says hello, and leaves the greeting as an output.
# One key below is misspelled: put the cursor on it and press Ctrl+. (⌘. on a Mac).
platform: linux

${sampleMistake.wrong}:
  type: registry-image
  source:
    repository: busybox
    tag: musl

outputs:
  - name: result

params:
  NAME: world

run:
  path: sh
  args:
    - -ec
    - |
      echo "Hello, $NAME!" | tee result/greeting.txt
`;

/** Whether a text of the sample has been fixed: the key is there, and its misspelling is not. */
export function isFixed(text: string): boolean {
  const key = (name: string): boolean => new RegExp(String.raw`^${name}\s*:`, 'mu').test(text);
  return key(sampleMistake.right) && !key(sampleMistake.wrong);
}

/** Where the sample pipeline is written, relative to a workspace folder. */
export const samplePipelinePath = 'ci/pipelines/tarmac-sample.yml';

const image = '{type: registry-image, source: {repository: busybox, tag: musl}}';

/** A pipeline with one job, which runs anywhere: two steps at the same time, and one that takes what they made. */
export const samplePipelineText = `# concourse-pipeline
# One job: two tasks at the same time, then one that takes what both made.
# Press ▷ Execute Job above the job. It needs no Concourse, and puts nothing anywhere.
jobs:
  - name: greet
    plan:
      - in_parallel:
          - task: hello
            config:
              platform: linux
              image_resource: ${image}
              outputs: [{name: hello}]
              run: {path: sh, args: [-ec, 'echo Hello >hello/text']}
          - task: world
            config:
              platform: linux
              image_resource: ${image}
              outputs: [{name: world}]
              run: {path: sh, args: [-ec, 'echo world >world/text']}
      - task: greet
        config:
          platform: linux
          image_resource: ${image}
          inputs: [{name: hello}, {name: world}]
          outputs: [{name: result}]
          run: {path: sh, args: [-ec, 'echo "$(cat hello/text), $(cat world/text)!" | tee result/greeting.txt']}
`;
