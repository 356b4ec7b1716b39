/**
 * A client that a test kills: runs a task, and keeps a pod ready for a shorter time than the command line takes. It says
 * `started` and `finished`, and stays until it is killed.
 *
 *     node spare-client.ts TASK STATE-DIR SPARE-MS
 */
import { createRequire } from 'node:module';
import type * as Runner from '#runner';

const runner = createRequire(import.meta.url)('../../../dist/runner.js') as typeof Runner;
const [task = '', stateDir = '', spareMs = ''] = process.argv.slice(2);
const text = `platform: linux
image_resource: {type: registry-image, source: {repository: docker.io/library/busybox, tag: musl}}
run: {path: sleep, args: ["3"]}
`;

const cluster = await runner.openCluster({ env: process.env });
const context = {
  cluster,
  stateDir,
  onEvent: ({ type }: { readonly type: string }) => {
    if (type === 'command-started') console.log('started');
  },
};
const document = runner.decodeTask(text, {});
const request = { document, taskFile: `/${task}.yml`, cwd: '/', environment: {}, store: { kind: 'direct' } as const };
const drafted = runner.plan(request, runner.localFiles(stateDir));
if (!('plan' in drafted)) throw new Error(JSON.stringify(drafted.problems));
const planned = runner.withStore(drafted.plan, { kind: 'direct' });
if (!('plan' in planned)) throw new Error(JSON.stringify(planned.problems));
const run = runner.startRun(await runner.withSpare(planned.plan, context, Number(spareMs)), context);
await run.done;
console.log('finished');
setInterval(() => undefined, 1000);
