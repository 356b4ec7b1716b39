import { expect, test } from 'vitest';
import { templateMark } from './template.ts';

test.each([
  ['# {{ range .Envs }}\njobs:\n- name: a\n# {{ end }}\n', 'Helm or Go'],
  ['jobs:\n  #{{- if .Nightly }}\n- name: a\n', 'Helm or Go'],
  ['# {% for env in envs %}\njobs: []\n# {% endfor %}\n', 'Jinja'],
])('directives in comments make a template of a text that is YAML: %j', (text, engine) => {
  expect(templateMark(text, false)?.engine).toBe(engine);
});

test.each([
  '# docker inspect --format {{ .Id }}\njobs: []\n',
  '# how {{ if }} and {% if %} are written\njobs: []\n',
  'jobs:\n- name: a\n  plan:\n  - task: t\n    config:\n      run:\n        path: sh\n        args:\n        - -c\n        - |\n          # {{ range .Envs }}\n          ls\n',
  'params: {FORMAT: "{{ .Id }}"}\n',
])('marks inside of a text make none: %j', (text) => {
  expect(templateMark(text, false)).toBeUndefined();
});
