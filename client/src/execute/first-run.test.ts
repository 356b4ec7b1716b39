/** From the key to the start of a run, with a person who answers: how many dialogs there are, and what is in them. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Plan } from '#runner';
import { FakeCluster } from '../../../test/fakes/fake-cluster.ts';
import { fakeRunnerHost } from '../../../test/fakes/runner-host.ts';
import * as vscode from '../../../test/fakes/vscode.ts';
import { confirmation } from '../choices/confirm.ts';
import { ChoiceMemory } from '../choices/choices.ts';
import { Secrets } from '../choices/secrets.ts';
import { askCluster, guessCluster } from '../cluster/ask-cluster.ts';
import { ClusterCheck } from '../cluster/cluster-check.ts';
import { ClusterChoice } from '../cluster/cluster-choice.ts';
import { RunStore } from '../runs/run-store.ts';
import { PlainEmitter } from '../testing/plain-emitter.ts';
import { PlainMemory } from '../testing/plain-memory.ts';
import { chooseInputs } from './choose-inputs.ts';
import { Executor, type ExecuteOptions } from './execute.ts';
import type { SpareRequest } from './spares.ts';

const { person, settings } = vscode;

const image = 'image_resource: {type: registry-image, source: {repository: busybox, tag: musl}}\n';
/** Three samples: nothing but an output; inputs, params and a secret; variables. */
const files: Readonly<Record<string, string>> = {
  'ci/tasks/hello.yml': `platform: linux\n${image}params: {WHOM: world}\noutputs: [{name: result}]\nrun: {path: "true"}\n`,
  'ci/tasks/build.yml': `platform: linux\n${image}inputs: [{name: source}, {name: settings}]\nparams: {LEVEL: fast, TARMAC_TEST_TOKEN: }\noutputs: [{name: built}]\nrun: {path: "true"}\n`,
  'ci/tasks/plain.yml': `platform: linux\n${image}run: {path: "true"}\n`,
  'ci/tasks/release.yml': `platform: linux\n${image}inputs: [{name: anything}, {name: source}]\nparams: {LOGIN: ((registry.token))}\nrun: {path: "true"}\n`,
  'source/a.txt': 'a\n',
  'settings/b.txt': 'b\n',
};

const kubeconfig = (contexts: readonly string[], current: string): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': current,
    clusters: [{ name: 'c', cluster: { server: 'https://127.0.0.1:1' } }],
    users: [{ name: 'u', user: { token: 'x' } }],
    contexts: contexts.map((name) => ({ name, context: { cluster: 'c', user: 'u', namespace: 'ci' } })),
  });

/** A window: what it remembers, and the runs that were started in it. */
interface Place {
  readonly folder: string;
  readonly cluster: FakeCluster;
  readonly started: Plan[];
  /** What was asked for pods that wait. */
  readonly spares: SpareRequest[];
  readonly secrets: Secrets;
  readonly choices: ChoiceMemory;
  readonly storage: PlainMemory;
  execute(task: string, options?: ExecuteOptions): Promise<boolean>;
  chooseInputs(task: string): Promise<void>;
}

let place: Place;

beforeEach(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tarmac-first-run-'));
  for (const [path, text] of Object.entries(files)) {
    await mkdir(join(folder, path, '..'), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  await writeFile(join(folder, 'kubeconfig'), kubeconfig(['kind', 'prod'], 'kind'));
  vi.stubEnv('KUBECONFIG', join(folder, 'kubeconfig'));
  vi.stubEnv('XDG_STATE_HOME', join(folder, 'state'));
  vscode.folders.push({ uri: vscode.Uri.file(folder), name: 'work' });
  place = newPlace(folder);
});

afterEach(async () => {
  vscode.forget();
  vi.unstubAllEnvs();
  await rm(place.folder, { recursive: true });
});

function newPlace(folder: string): Place {
  const cluster = new FakeCluster();
  cluster.claims.set('tarmac-artifacts', { metadata: { name: 'tarmac-artifacts' }, status: { phase: 'Bound' } });
  const host = fakeRunnerHost(cluster);
  const storage = new PlainMemory();
  const secrets = new Secrets(storage.secrets);
  const check = new ClusterCheck(host);
  const choice = new ClusterChoice(
    storage,
    (known) => askCluster(host, check, known),
    (known) => guessCluster(host, known),
  );
  const store = new RunStore(new PlainEmitter(), new PlainEmitter());
  const choices = new ChoiceMemory(storage, new PlainEmitter());
  const started: Plan[] = [];
  const spares: SpareRequest[] = [];
  const executor = new Executor({
    host,
    choice,
    check,
    control: {
      logFile: () => '',
      start: (plan) => {
        started.push(plan);
        return Promise.resolve({ id: plan.run, done: new Promise(() => undefined) });
      },
    },
    memory: choices,
    secrets,
    diagnostics: { show: () => undefined },
    confirm: confirmation(secrets, store),
    spares: {
      take: (plan, request) => {
        spares.push(request);
        return Promise.resolve(plan);
      },
      leave: () => Promise.resolve(),
      removeOf: () => Promise.resolve(),
    },
  });
  const uri = (task: string) => vscode.Uri.file(join(folder, task)) as never;
  return {
    folder,
    cluster,
    started,
    spares,
    secrets,
    choices,
    storage,
    execute: async (task, options = { ask: 'first' }) => (await executor.execute(uri(task), options)) !== undefined,
    chooseInputs: (task) => chooseInputs(uri(task), { host, choices, secrets, store }),
  };
}

/** The titles of the dialogs, as they came. */
const titles = (): string[] => person.seen().map(({ title, text }) => (title === '' ? text : title));

describe('the first run and the second', () => {
  test.each(['ci/tasks/hello.yml', 'ci/tasks/build.yml', 'ci/tasks/plain.yml'])(
    '%s: one dialog, then none',
    async (task) => {
      person.will('enter');
      expect(await place.execute(task)).toBe(true);
      expect(person.seen()).toHaveLength(1);
      expect(await place.execute(task)).toBe(true);
      expect(person.seen()).toEqual([]);
      expect(place.started).toHaveLength(2);
    },
  );

  test.each([
    ['10m', 600_000],
    ['1h', 3_600_000],
    ['off', 0],
    // What is no time, or one that no pod waits, keeps none.
    ['10', 0],
    ['5s', 0],
    ['2h', 0],
  ])('a pod waits as the setting says: %s', async (setting, ms) => {
    settings.set('tarmac.spare', setting);
    person.will('enter');
    await place.execute('ci/tasks/plain.yml', { ask: 'first', onlyAsks: true });
    expect(place.spares).toEqual([]);
    await place.execute('ci/tasks/plain.yml', { ask: 'first', isWatched: true });
    expect(place.spares).toMatchObject([{ ms, isWatched: true, place: { context: 'kind', namespace: 'ci' } }]);
  });

  test('the page shows everything that the run gets, and Enter runs it', async () => {
    person.will('enter');
    await place.execute('ci/tasks/build.yml');
    expect(person.seen()).toEqual([
      {
        kind: 'pick',
        title: 'Execute build',
        text: 'Press Enter to run, or pick a row to change it',
        password: false,
        rows: [
          'Execute',
          'Cluster · kind / ci · current context of kubectl',
          'Image · busybox:musl · from the file',
          'source · source · same name as the input',
          'settings · settings · same name as the input',
          '! TARMAC_TEST_TOKEN · no value: empty in the task',
          'LEVEL · fast · from the file',
          'Add a Param…',
          'built · kept in the artifact store tarmac-artifacts',
        ],
      },
    ]);
    const [plan] = place.started;
    expect(plan?.inputs.map(({ source }) => source)).toEqual([
      { kind: 'directory', directory: join(place.folder, 'source') },
      { kind: 'directory', directory: join(place.folder, 'settings') },
    ]);
    expect(plan?.store).toEqual({ kind: 'claim', claim: 'tarmac-artifacts' });
  });

  test('where something is missing Enter goes there first, and then runs', async () => {
    const folder = join(place.folder, 'settings');
    person.will('enter', { take: 'Choose a Folder…' }, { folder }, 'enter', { type: 'opensesame' }, 'enter');
    await place.execute('ci/tasks/release.yml');
    const seen = person.seen();
    expect(seen.map(({ kind, text }) => `${kind} ${text}`)).toEqual([
      'pick Press Enter to fill in what is missing, or pick a row to change it',
      "pick Where does input 'anything' come from?",
      'folder ',
      'pick Press Enter to fill in what is missing, or pick a row to change it',
      'text Value for ((registry.token)) (stored securely, never shown)',
      'pick Press Enter to run, or pick a row to change it',
    ]);
    expect(seen[0]?.rows[0]).toBe('Execute · first needs: anything, registry.token');
    expect(seen[5]?.rows).toContain('LOGIN · •••••• · from ((registry.token))');
    expect(place.started).toHaveLength(1);
    expect(await place.execute('ci/tasks/release.yml')).toBe(true);
    expect(person.seen()).toEqual([]);
  });
});

describe('on the page', () => {
  test('each row can be changed, and the page comes back', async () => {
    person.will(
      { take: 'LEVEL' },
      { type: 'slow' },
      { take: 'settings' },
      'back',
      { take: 'Image' },
      { type: 'alpine' },
    );
    person.will({ press: 'Keep as a secret', of: 'LEVEL' }, { type: 'hidden' }, 'enter');
    await place.execute('ci/tasks/build.yml');
    const pages = person.seen().filter(({ title, text }) => title === 'Execute build' && text.startsWith('Press'));
    expect(pages.map(({ rows }) => rows.filter((row) => /^(?:LEVEL|Image)/u.test(row)))).toEqual([
      ['Image · busybox:musl · from the file', 'LEVEL · fast · from the file'],
      ['Image · busybox:musl · from the file', 'LEVEL · slow · your value'],
      ['Image · busybox:musl · from the file', 'LEVEL · slow · your value'],
      ['Image · alpine · your image', 'LEVEL · slow · your value'],
      ['Image · alpine · your image', 'LEVEL · •••••• · your secret'],
    ]);
    expect(place.started[0]?.image.reference).toContain('alpine');
    expect(JSON.stringify([...place.storage.keys()].map((key) => place.storage.get(key)))).not.toContain('hidden');
  });

  test('whoever leaves finds what was entered the next time; a secret is in the secret storage only', async () => {
    person.will({ take: 'LEVEL' }, { type: 'slow' }, { take: 'TOKEN' }, { type: 'opensesame' }, 'escape');
    expect(await place.execute('ci/tasks/build.yml')).toBe(false);
    person.seen();
    expect(place.choices.all).toEqual([]);
    person.will('enter');
    await place.execute('ci/tasks/build.yml');
    const [page, ...others] = person.seen();
    expect(others).toEqual([]);
    expect(page?.rows).toEqual(
      expect.arrayContaining(['LEVEL · slow · your value', 'TARMAC_TEST_TOKEN · •••••• · your secret']),
    );
    expect(JSON.stringify(place.choices.all)).not.toContain('opensesame');
    expect(place.storage.secrets.size).toBe(1);
  });

  test('another cluster is chosen in its row', async () => {
    person.will({ take: 'Cluster' }, { take: 'prod' }, { type: 'team' }, 'enter');
    await place.execute('ci/tasks/plain.yml');
    expect(titles()).toEqual(['Execute plain', 'Tarmac: Choose Cluster', 'Tarmac: Choose Cluster', 'Execute plain']);
    person.will('enter');
    await place.execute('ci/tasks/hello.yml');
    expect(person.seen()[0]?.rows).toContain('Cluster · prod / team');
  });

  test('all of it is shown again on request', async () => {
    person.will('enter');
    await place.execute('ci/tasks/plain.yml');
    person.seen();
    person.will('enter');
    await place.execute('ci/tasks/plain.yml', { ask: 'all' });
    expect(titles()).toEqual(['Execute plain']);
  });
});

describe('what is in the way is told before anything is asked', () => {
  test('no kubeconfig: one message, and a file helps', async () => {
    vi.stubEnv('KUBECONFIG', join(place.folder, 'none'));
    vi.stubEnv('HOME', place.folder);
    expect(await place.execute('ci/tasks/hello.yml')).toBe(false);
    expect(person.seen()).toMatchObject([
      {
        title: 'No Kubernetes cluster is configured.',
        rows: ['Choose Kubeconfig File…', 'Open Setting', 'Learn More'],
      },
    ]);
    person.will({ take: 'Choose Kubeconfig File…' }, { folder: join(place.folder, 'kubeconfig') }, 'enter');
    expect(await place.execute('ci/tasks/hello.yml')).toBe(true);
    expect(settings.get('tarmac.kubeconfig')).toBe(join(place.folder, 'kubeconfig'));
  });

  test('a cluster that does not answer: try again, another one, or use it anyway', async () => {
    const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    place.cluster.failNext('version', refused);
    person.will({ take: 'Try Again' }, 'enter');
    expect(await place.execute('ci/tasks/hello.yml')).toBe(true);
    const [told, page] = person.seen();
    expect(told).toMatchObject({ kind: 'message', rows: ['Try Again', 'Choose Another…', 'Use Anyway'] });
    expect(page).toMatchObject({ kind: 'pick', title: 'Execute hello' });
  });

  test('no right: the Role can be copied, or another namespace chosen', async () => {
    place.cluster.denied.add('create pods');
    person.will({ take: 'Copy Role for an Administrator' });
    expect(await place.execute('ci/tasks/hello.yml')).toBe(false);
    const [told] = person.seen();
    expect(told).toMatchObject({
      title: "You don't have permission to run tasks in namespace ci.",
      rows: ['Copy Role for an Administrator', 'Try Again', 'Choose Another…', 'Use Anyway'],
    });
    expect(JSON.parse(vscode.clipboard.text)).toMatchObject({ kind: 'Role' });
    person.will({ take: 'Choose Another…' }, 'escape');
    expect(await place.execute('ci/tasks/hello.yml')).toBe(false);
    expect(titles()[1]).toBe('Tarmac: Choose Cluster');
  });

  test('a claim that is not there: without a store it is never offered, and outputs are asked about', async () => {
    settings.set('tarmac.claim', 'no-such-claim');
    person.will({ take: 'Run Without a Store' }, 'enter', { take: "Don't keep them" }, 'enter');
    expect(await place.execute('ci/tasks/hello.yml')).toBe(true);
    const [told, page, outputs, again] = person.seen();
    expect(told).toMatchObject({
      title: "The volume claim no-such-claim doesn't exist in namespace ci.",
      rows: ['Create Claim…', 'Run Without a Store', 'Open Setting', 'Try Again'],
    });
    expect(page?.rows.at(-1)).toBe('! result · no artifact store in this namespace: choose where it goes');
    expect(outputs?.rows.map((row) => row.split(' · ')[0])).toEqual([
      'Download to Folder…',
      'Create an Artifact Store…',
      "Don't keep them",
    ]);
    expect(again?.rows.at(-1)).toBe('result · not kept: deleted with the pod');
    expect(place.started[0]?.store).toEqual({ kind: 'direct' });
    expect(await place.execute('ci/tasks/hello.yml')).toBe(true);
    expect(person.seen()).toEqual([]);
  });
});

describe('without the first page', () => {
  test('whoever calls is asked for what is missing, and for nothing else', async () => {
    settings.set('tarmac.context', 'kind');
    settings.set('tarmac.namespace', 'ci');
    expect(await place.execute('ci/tasks/plain.yml', {})).toBe(true);
    const inputs = { source: join(place.folder, 'source'), settings: join(place.folder, 'settings') };
    const given = { choices: { inputs, params: { TARMAC_TEST_TOKEN: 'x' } } };
    expect(await place.execute('ci/tasks/build.yml', given)).toBe(true);
    expect(person.seen()).toEqual([]);
    expect(await place.execute('ci/tasks/release.yml', {})).toBe(false);
    expect(titles()).toEqual(['Execute release']);
  });

  test('inputs are chosen without a run, which then takes them', async () => {
    const folder = join(place.folder, 'settings');
    person.will({ take: 'Choose a Folder…' }, { folder }, { take: 'same name' });
    await place.chooseInputs('ci/tasks/release.yml');
    expect(titles()).toEqual(['Inputs of release', "Folder for input 'anything'", 'Inputs of release']);
    expect(place.started).toEqual([]);
    expect(place.choices.all.map(({ choices }) => choices.inputs)).toEqual([
      { anything: join(place.folder, 'settings'), source: join(place.folder, 'source') },
    ]);
    await place.execute('ci/tasks/release.yml');
    expect(person.seen()[0]?.rows).toContain('anything · settings');
  });
});
