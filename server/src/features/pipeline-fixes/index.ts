/** The table of quick fixes of pipelines, by the code of the problem. */
import {
  folderForTask,
  imageForm,
  meantName,
  meantVariable,
  missingArtifact,
  missingFile,
  pathWithoutArtifact,
  putPath,
  unlistedInput,
  unseenInput,
  unusedGet,
} from './artifacts.ts';
import type { PipelineFixMaker } from './fix.ts';
import { paramNotGiven, undeclaredParam, undeclaredVar, unknownMapping } from './ports.ts';
import {
  identifier,
  jobCycle,
  missingType,
  passedWithout,
  repeatedGet,
  ungroupedJob,
  unknownJob,
  unknownResource,
  unusedResource,
  unusedType,
} from './resources.ts';
import {
  duration,
  imageTwice,
  logRetention,
  noStep,
  putInputsWord,
  removeAround,
  removeKeyOfStep,
  taskWithBoth,
  unknownKey,
  versionWord,
} from './steps.ts';

const FIXES: Readonly<Record<string, PipelineFixMaker>> = {
  // Between the files.
  'artifact-missing': missingArtifact,
  'artifact-path': pathWithoutArtifact,
  'artifact-file-missing': missingFile,
  'not-a-task': folderForTask,
  'unknown-mapping': unknownMapping,
  'image-form': imageForm,
  'undeclared-param': undeclaredParam,
  'param-not-given': paramNotGiven,
  'undeclared-var': undeclaredVar,
  'put-path': putPath,
  'put-input-unlisted': unlistedInput,
  'put-input-unseen': unseenInput,
  'local-var-missing': meantVariable,
  'unused-get': unusedGet,
  'unused-resource-type': unusedType,
  // What fly says.
  'missing-type': missingType,
  'invalid-identifier': identifier,
  'set-pipeline-key': unknownKey,
  'unknown-top-key': unknownKey,
  'unknown-step-key': unknownKey,
  'no-step': noStep,
  'unused-resource': unusedResource,
  'unknown-resource': unknownResource,
  'unknown-job': unknownJob,
  'passed-without-resource': passedWithout,
  'job-cycle': jobCycle,
  'ungrouped-job': ungroupedJob,
  'repeated-get': repeatedGet,
  'task-with-both': taskWithBoth,
  'invalid-across': removeAround,
  'invalid-attempts': removeKeyOfStep('attempts'),
  'invalid-duration': duration,
  'image-twice': imageTwice,
  'version-word': versionWord,
  'put-inputs-word': putInputsWord,
  'deprecated-log-retention': logRetention,
  'invalid-log-retention': removeAround,
};

/** Codes that have a fix of their own; any problem that knows its replacement has one besides. */
export const FIXABLE_PIPELINE_CODES: readonly string[] = Object.keys(FIXES);

/** The fixes for a code. */
export function pipelineFixMaker(code: string): PipelineFixMaker {
  return (Object.hasOwn(FIXES, code) ? FIXES[code] : undefined) ?? meantName;
}
