/** What a task is: reading, checking and interpreting Concourse task files. Pure: no files, no network, no editor. */
export { TaskDocument, decodePipeline, decodeTask, pipelineFileTasks } from './task/document.ts';
export type { FileTask } from './pipeline/pipeline.ts';
export type { DecodeTaskOptions } from './task/document.ts';
export type { Position } from './text/lines.ts';
export { PIPELINE_FILE_GLOBS, TASK_FILE_GLOBS, recognize } from './task/recognize.ts';
export type { TextKind } from './task/recognize.ts';
export { Problems, placeAt, placedErrors } from './text/problem.ts';
export type { PlacedProblem, Problem, ProblemData, Severity, TaskPath, TextRange } from './text/problem.ts';
export { TARGETS, taskConfigJson } from './task/config.ts';
export type {
  CacheConfig,
  ContainerLimits,
  ImageResource,
  InputConfig,
  JsonObject,
  JsonValue,
  OutputConfig,
  RunConfig,
  Target,
  TaskConfig,
} from './task/config.ts';
export {
  HOOKS,
  PIPELINE_TARGETS,
  STEP_KINDS,
  allSteps,
  hooksOf,
  innerSteps,
  stepKind,
  stepName,
} from './pipeline/config.ts';
export type {
  AcrossVar,
  BuildLogRetention,
  DisplayConfig,
  DoStep,
  GetStep,
  GroupConfig,
  HookName,
  Hooks,
  InParallelConfig,
  InParallelStep,
  JobConfig,
  LoadVarStep,
  PipelineConfig,
  PipelineTarget,
  PrototypeConfig,
  PutStep,
  ResourceConfig,
  ResourceTypeConfig,
  RunStep,
  SetPipelineStep,
  StepConfig,
  StepKind,
  StepModifiers,
  TaskStep,
  TryStep,
  UnknownStep,
  VarSourceConfig,
} from './pipeline/config.ts';
export { PipelineDocument, readPipeline } from './pipeline/document.ts';
export type { PipelineStage, ReadPipelineOptions } from './pipeline/document.ts';
export { pipelineConfigJson } from './pipeline/json.ts';
export { entryOf, nodeAt } from './yaml/lookup.ts';
export { IncrementalParser } from './yaml/incremental.ts';
export { parseFile } from './yaml/parse.ts';
export type { ParsedFile } from './yaml/parse.ts';
export type { ListNode, MapEntry, MapNode, ScalarNode, TaskNode } from './yaml/nodes.ts';
export { STEP_KEYS, TASK, fieldNamed } from './schema/task.ts';
export type { CustomType, Field, FieldType, KnownValue, ObjectType } from './schema/types.ts';
export { ACROSS_VAR, HOOK_FIELDS, IN_PARALLEL, MODIFIERS, STEP_TYPES } from './schema/steps.ts';
export {
  BUILD_LOG_RETENTION,
  CORE_RESOURCE_TYPES,
  DISPLAY,
  GROUP,
  JOB,
  PIPELINE,
  PROTOTYPE,
  RESOURCE,
  RESOURCE_TYPE,
  VAR_SOURCE,
  isKnownTo,
} from './schema/pipeline.ts';
export { IMAGE_PARAM_KEYS, IMAGE_SOURCE_KEYS, IMAGE_TYPES, IMAGE_VERSION_KEYS } from './schema/image.ts';
export type { SourceKey } from './schema/image.ts';
export { RESOURCE_FACTS } from './schema/resources/index.ts';
export type { ResourceFacts } from './schema/resources/type.ts';
export { PUT_PATHS } from './pipeline/flow/check-put.ts';
export { SIDECAR } from './schema/sidecar.ts';
export { decodeSidecarFile } from './task/sidecars.ts';
export type { SidecarAmounts, SidecarConfig, SidecarEntry } from './task/sidecars.ts';
export { isSingleVar, parseReference, referenceText, varNames } from './vars/vars.ts';
export type { VarReference, VarUse } from './vars/vars.ts';
export type { Lookup, Vars } from './vars/interpolate.ts';
export { loadVars } from './vars/load-vars.ts';
export type { LoadedVars, VarInputs } from './vars/load-vars.ts';
export { resolveImage } from './task/image.ts';
export type { ImageOptions, ImageResolution, RegistryCredentials, ResolvedImage } from './task/image.ts';
export { parseImageReference } from './task/image-reference.ts';
export type { ImageReference } from './task/image-reference.ts';
export { WORK_DIR, cachePath, effectivePath, findOverlaps, inputPath, outputPath, taskMounts } from './task/paths.ts';
export type { Mount, Overlap } from './task/paths.ts';
export { taskLimits } from './task/limits.ts';
export type { TaskLimits } from './task/limits.ts';
export { goJson } from './decode/json.ts';
export { parseDuration } from './text/duration.ts';
export type { DurationResult } from './text/duration.ts';
export { isEnvName, mergeParams } from './task/env.ts';
export type { MergedParam, ParamOrigin } from './task/env.ts';
export { didYouMean } from './text/suggest.ts';
export type {
  ConfiguredVars,
  DirectoryEntry,
  Environment,
  FileFact,
  Files,
  InputFolder,
  InputFolderReason,
  StepUse,
} from './task/environment.ts';
export type { Rule, RuleContext } from './rules/rule.ts';
export { RULES, ruleById } from './rules/index.ts';
export { RULES_PAGE } from './rules/page.ts';
export { DEFAULT_PROBLEM_LIMIT, checkTask } from './rules/check.ts';
export type { CheckSettings } from './rules/check.ts';
export { checkPipeline } from './rules/check-pipeline.ts';
export { TaskFileCache, taskUses, traceFlow } from './pipeline/flow.ts';
export type { TaskUse } from './pipeline/flow/task-uses.ts';
export { findCheckout, isNewestCommit } from './pipeline/flow/checkout.ts';
export type { Checkout, CheckoutFiles } from './pipeline/flow/checkout.ts';
export { repositoryName } from './text/repository-name.ts';
export type { PipelineWorld } from './pipeline/flow.ts';
export type { FlowTrace, StepFinds } from './pipeline/flow/trace.ts';
export type { Artifact, Maker } from './pipeline/flow/scope.ts';
export type { TaskPort, TaskShape } from './pipeline/flow/task-shape.ts';
export type { LocalFile } from './pipeline/flow/world.ts';
export { pipelineTarget, pipelineTemplate } from './pipeline/text.ts';
export { embeddedScripts } from './script/embedded.ts';
export type { EmbeddedScript } from './script/embedded.ts';
export type { ScalarStyle } from './script/scalar-text.ts';
export { commandInPath, shellWord } from './script/command-line.ts';
export type { MeantCommand } from './script/command-line.ts';
export { SHELLS, shellCommand } from './script/command.ts';
export { isProvided } from './script/programs.ts';
export { taskScript } from './script/task-script.ts';
export { resolveScalar } from './yaml/go-scalar.ts';
export { yamlAsJson } from './yaml/json-text.ts';
export type { ShellCommand } from './script/command.ts';
export { matchInputFolders } from './task/input-folders.ts';
export type { InputFolderSources } from './task/input-folders.ts';
export { containerPath } from './text/container-path.ts';
export { readScript, readShebang } from './script/facts.ts';
export type { ScriptFacts, Shebang } from './script/facts.ts';
export type { Assignment, Redirect, ShellWord, SimpleCommand, VariableSetting, VariableUse } from './script/syntax.ts';
export { scriptFile, startedFile } from './script/script-file.ts';
export { ContainerPlaces } from './script/container-places.ts';
export type { ScriptFile, StartedFile } from './script/script-file.ts';
export type { ContainerPlace } from './script/container-places.ts';
