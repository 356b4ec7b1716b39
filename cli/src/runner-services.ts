/** The runner behind the command line. This file and what it imports load on the first command that needs a cluster. */
import * as runner from '#runner';
import type { RunRequest } from '#runner/model';
import type { RunnerServices } from './services.ts';

const localFiles = () => runner.localFiles(runner.stateDir(process.env));
const planRun = (request: RunRequest) => runner.plan(request, localFiles());

export const runnerServices: RunnerServices = {
  defaultClaim: runner.defaultClaim,
  plan: (request) => runner.plan(request, localFiles()),
  withStore: runner.withStore,
  podShape: runner.podShape,
  podPreview: runner.podPreview,
  openCluster: runner.openCluster,
  chooseStore: runner.chooseStore,
  startRun: runner.startRun,
  withSpare: runner.withSpare,
  removeSpareOf: runner.removeSpareOf,
  watchTask: runner.watchTask,
  prepareJob(request, sources) {
    const { vars, errors } = runner.loadVars(sources);
    return errors.length > 0 ? Promise.resolve({ wrong: errors }) : runner.prepareJob({ ...request, vars });
  },
  runJob: (job, options) =>
    runner.runJob(job, {
      ...options,
      plan: planRun,
    }),
  listJobs: runner.listJobs,
  jobAsked: runner.jobAsked,
  watchJob: runner.watchJob,
  requestJobAbort: runner.requestJobAbort,
  async takeUpJob(id, request, sources, stateDir) {
    const { vars, errors } = runner.loadVars(sources);
    if (errors.length > 0) return { wrong: errors };
    const taken = await runner.takeUpJob(id, { ...request, vars }, stateDir);
    return 'wrong' in taken ? taken : { goOn: (options) => taken.goOn({ ...options, plan: planRun }) };
  },
  attachRun: runner.attachRun,
  listRuns: runner.listRuns,
  abortRun: runner.abortRun,
  openShell: runner.openShell,
  listArtifacts: runner.listArtifacts,
  downloadArtifact: runner.downloadArtifact,
  testsOfRun: runner.testsOfRun,
  storeInit: runner.storeInit,
  storeStatus: runner.storeStatus,
  storePrune: runner.storePrune,
  doctor: ({ claim, helperImage, pod, signal, ...options }) =>
    runner.doctor({
      open: () => runner.openCluster(options),
      claim: claim ?? runner.defaultClaim,
      helperImage: helperImage ?? runner.defaultHelperImage,
      pod,
      signal,
    }),
  describeFailure: runner.describeFailure,
  failureOf(error, context) {
    const failure = runner.asFailure(error, undefined, context);
    // A programming error is no failure of the cluster; it is reported with its stack.
    return failure.kind === 'internal' && !(error instanceof runner.RunFailureError) ? undefined : failure;
  },
};
