/** What renders a chart here: the machine's helm, or else a small program of ours with sprig, built once. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cached } from '../machine/cache.ts';
import { output, run } from '../machine/command.ts';
import { unpackDebian } from '../machine/debian-download.ts';
import { layout } from '../cluster/layout.ts';
import { ensurePackages } from '../machine/packages.ts';
import { findProgram } from '../find-program.ts';

/** A program that renders charts. */
export interface Renderer {
  readonly kind: 'helm' | 'own';
  readonly program: string;
}

/** Debian's packages with the sources of sprig and of what it imports. */
const PACKAGES = [
  'golang-github-google-uuid-dev',
  'golang-github-huandu-xstrings-dev',
  'golang-github-imdario-mergo-dev',
  'golang-github-masterminds-goutils-dev',
  'golang-github-masterminds-semver-dev',
  'golang-github-masterminds-sprig-dev',
  'golang-github-mitchellh-copystructure-dev',
  'golang-github-mitchellh-reflectwalk-dev',
  'golang-github-shopspring-decimal-dev',
  'golang-github-spf13-cast-dev',
  'golang-golang-x-crypto-dev',
  'golang-golang-x-sys-dev',
  'golang-gopkg-yaml.v3-dev',
];

/** How the folders end in which npm keeps the programs of packages. */
const PACKAGE_PROGRAMS = join('node_modules', '.bin');

/** What to do where it can be had in no way. */
const NEXT = 'Install Helm 3, so that `helm` is in PATH: https://helm.sh/docs/intro/install/ says how.';

const SOURCE = join(import.meta.dirname, 'render-program', 'main.go');

/**
 * The machine's helm. Where none is in PATH, our program: the first time it is built, which takes a minute.
 *
 * @param env PATH, and the folders of the XDG specification
 * @throws ScriptError where neither can be had, with what to do
 */
export async function findRenderer(env: NodeJS.ProcessEnv = process.env): Promise<Renderer> {
  // npm puts the programs of packages there, also of the folders above the clone: none of them is Helm.
  const helm = await findProgram('helm', env['PATH'] ?? '', (folder) => !folder.endsWith(PACKAGE_PROGRAMS));
  if (helm !== undefined) return { kind: 'helm', program: helm };
  return { kind: 'own', program: await ownRenderer(layout(env).cache) };
}

async function ownRenderer(cache: string): Promise<string> {
  const log = join(cache, 'logs', 'chart-renderer.log');
  const folder = await cached(cache, {
    name: 'chart-renderer',
    what: 'Build the renderer of the chart (once)',
    inputs: [process.arch, ...PACKAGES, await readFile(SOURCE, 'utf8')].join('\n'),
    make: async (made, scratch, env) => {
      await ensurePackages('build the renderer of the chart', { 'golang-go': 'go' }, log, NEXT);
      const sources = join(scratch, 'sources');
      await unpackDebian(PACKAGES, sources, { scratch, log, env, next: NEXT });
      // No -trimpath, no CGO_ENABLED=0: with these Go compiles its standard library anew.
      await run('go', ['build', '-ldflags=-s -w', '-o', join(made, 'render'), SOURCE], {
        log,
        cwd: scratch,
        nice: true,
        next: NEXT,
        env: {
          ...env,
          GO111MODULE: 'off',
          GOPATH: join(sources, 'usr', 'share', 'gocode'),
          GOCACHE: join(scratch, 'go-cache'),
          TMPDIR: scratch,
        },
      });
      await output(join(made, 'render'), [], { input: '{}' });
    },
  });
  return join(folder, 'render');
}
