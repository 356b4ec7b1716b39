/** What task files are called as a language: in a file of its own, since it is needed where no server is. */

/** The language id of task files, the one that Concourse's other editor extension uses, too. */
export const taskLanguage = 'concourse-task-yaml';
