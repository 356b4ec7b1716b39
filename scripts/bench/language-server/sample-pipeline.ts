/** A pipeline of any length, and the task files that it names: services that are tested, built and deployed, as teams have them. */

/** Where the checkout comes from, so that the pipeline's task files are known to be those on disk. */
export const SAMPLE_REMOTE = 'https://git.example.com/acme/platform.git';

/** A pipeline and its task files, by path below the root of the checkout. */
export interface SamplePipeline {
  readonly text: string;
  readonly files: ReadonlyMap<string, string>;
}

const HEAD = `resource_types:
- name: chat
  type: registry-image
  source: {repository: registry.example.com/acme/chat}

resources:
- name: platform
  type: git
  icon: git
  source:
    uri: ${SAMPLE_REMOTE}
    branch: main
- name: nightly
  type: time
  source: {start: 02:00, stop: 03:00, location: Europe/Berlin}
- name: team
  type: chat
  source: {token: ((chat.token))}
`;

const image = (index: number): string => `- name: image-${index}
  type: registry-image
  source:
    repository: registry.example.com/acme/service-${index}
    username: ((registry.user))
    password: ((registry.password))
`;

/** The three jobs of one service: 50 lines. */
const jobs = (index: number): string => `- name: test-${index}
  serial: true
  plan:
  - in_parallel:
    - get: platform
      trigger: true
    - get: nightly
      trigger: true
  - task: unit-${index}
    file: platform/ci/tasks/unit-${index}.yml
    params:
      VERBOSE: "1" # until the flaky test is found
  - task: lint-${index}
    config:
      platform: linux
      image_resource:
        type: registry-image
        source: {repository: registry.example.com/build/linter, tag: "1.2"}
      inputs:
      - name: platform
      run:
        path: sh
        args:
        - -ec
        - |
          cd platform/services/${index}
          lint --all .
- name: build-${index}
  plan:
  - get: platform
    passed: [test-${index}]
    trigger: true
  - task: build-${index}
    privileged: true
    file: platform/ci/tasks/build-${index}.yml
  - put: image-${index}
    params: {image: image-${index}/image.tar}
    no_get: true
- name: deploy-${index}
  plan:
  - get: platform
    passed: [build-${index}]
  - get: image-${index}
    trigger: true
    params: {skip_download: true}
  - task: deploy-${index}
    file: platform/ci/tasks/deploy-${index}.yml
  - task: smoke-${index}
    file: platform/ci/tasks/smoke-${index}.yml
  on_failure:
    put: team
    no_get: true
    params: {text: "service ${index} was not deployed"}
`;

const task = (outputs: string, params: string, script: string): string => `platform: linux

image_resource:
  type: registry-image
  source:
    repository: registry.example.com/build/golang
    tag: "1.24"

inputs:
- name: platform
${outputs}${params}
run:
  path: platform/ci/scripts/${script}.sh
`;

/** A valid pipeline of about this many lines. */
export function samplePipeline(lines: number): SamplePipeline {
  const files = new Map<string, string>();
  const images: string[] = [];
  const plans: string[] = [];
  const countOf = (text: string): number => text.split('\n').length - 1;
  for (let index = 0, length = countOf(HEAD); length < lines; index++) {
    const [resource, plan] = [image(index), jobs(index)];
    images.push(resource);
    plans.push(plan);
    length += countOf(resource) + countOf(plan);
    files.set(`ci/tasks/unit-${index}.yml`, task('', '\nparams:\n  VERBOSE: "0"\n', 'unit'));
    files.set(`ci/tasks/build-${index}.yml`, task(`\noutputs:\n- name: image-${index}\n`, '', 'build'));
    files.set(`ci/tasks/deploy-${index}.yml`, task('', '', 'deploy'));
    files.set(`ci/tasks/smoke-${index}.yml`, task('', '', 'smoke'));
  }
  for (const script of ['unit', 'build', 'deploy', 'smoke']) {
    files.set(`ci/scripts/${script}.sh`, '#!/bin/sh\nset -e\nmake\n');
  }
  return { text: `${HEAD}${images.join('')}\njobs:\n${plans.join('')}`, files };
}
