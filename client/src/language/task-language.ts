/** What task files and pipelines are called as languages: in a file of its own, since it is needed where no server is. */

/** The language id of task files, the one that Concourse's other editor extension uses, too. */
export const taskLanguage = 'concourse-task-yaml';

/** The language id of pipelines, as above. */
export const pipelineLanguage = 'concourse-pipeline-yaml';
