/** What a contributor meets on GitHub, and in a container: the files have the form that is read there. */
import { existsSync, globSync, readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';

const root = resolve(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(resolve(root, path), 'utf8');

describe('the workflow', () => {
  interface Step {
    readonly run?: string;
    readonly uses?: string;
  }
  const workflow = parse(read('.github/workflows/test.yml')) as {
    on: Record<string, unknown>;
    permissions: Record<string, string>;
    jobs: Record<string, { steps: Step[]; container: { image: string }; 'timeout-minutes': number }>;
  };

  test('runs .ci/run, which can be run', () => {
    const runs = Object.values(workflow.jobs).flatMap(({ steps }) => steps.flatMap(({ run }) => run ?? []));
    expect(runs).toEqual(['.ci/run']);
    expect(statSync(resolve(root, '.ci/run')).mode & 0o111).not.toBe(0);
  });

  test('runs for pull requests, and may only read', () => {
    expect(Object.keys(workflow.on)).toEqual(['push', 'pull_request']);
    expect(workflow.permissions).toEqual({ contents: 'read' });
  });

  test('has the Node of .nvmrc, on the Debian that the cluster is built on', () => {
    expect(workflow.jobs['test']?.container.image).toBe(`node:${read('.nvmrc').trim()}-bookworm`);
  });
});

describe.each(globSync('.github/ISSUE_TEMPLATE/*.yml', { cwd: root }).filter((file) => !file.endsWith('config.yml')))(
  '%s',
  (file) => {
    interface Element {
      readonly type: string;
      readonly id?: string;
      readonly attributes: { readonly label?: string; readonly value?: string };
    }
    const form = parse(read(file)) as { name: string; description: string; body: Element[] };

    test('has a name, a description and questions', () => {
      expect(form.name).toMatch(/\S/);
      expect(form.description).toMatch(/\S/);
      expect(form.body.some(({ type }) => type !== 'markdown')).toBe(true);
    });

    test('each question has a kind that GitHub knows, a label, and an id of its own', () => {
      const questions = form.body.filter(({ type }) => type !== 'markdown');
      for (const { type, attributes } of questions) {
        expect(['input', 'textarea', 'dropdown', 'checkboxes']).toContain(type);
        expect(attributes.label).toMatch(/\S/);
      }
      const ids = questions.map(({ id }) => id);
      expect(new Set(ids).size).toBe(ids.length);
      expect(ids).not.toContain(undefined);
    });
  },
);

test('the container has the Node of .nvmrc and the extensions that are recommended', () => {
  const parsed = ts.parseConfigFileTextToJson('devcontainer.json', read('.devcontainer/devcontainer.json'));
  expect(parsed.error).toBeUndefined();
  const container = parsed.config as { image: string; customizations: { vscode: { extensions: string[] } } };
  expect(container.image).toBe(`node:${read('.nvmrc').trim()}-bookworm`);
  const { recommendations } = JSON.parse(read('.vscode/extensions.json')) as { recommendations: string[] };
  expect(container.customizations.vscode.extensions).toEqual(recommendations);
});

test('engines.node is what the command line needs: the Node of the VS Code that the bundles are made for', () => {
  const { engines } = JSON.parse(read('package.json')) as { engines: { node: string } };
  const lowest = /^>=(\d+\.\d+)\.\d+$/.exec(engines.node)?.[1];
  expect(read('README.md')).toContain(`Node ${lowest} or later`);
  expect(read('docs/guide/install.md')).toContain(`Node ${lowest} or later for the command line`);
  // What esbuild compiles for.
  expect(read('scripts/build/bundles.ts')).toContain(`node${lowest}`);
});

test.each(['CODE_OF_CONDUCT.md', 'SECURITY.md', '.github/PULL_REQUEST_TEMPLATE.md', 'CONTRIBUTING.md'])(
  '%s is there',
  (file) => {
    expect(existsSync(resolve(root, file))).toBe(true);
  },
);
