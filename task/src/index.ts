/** What a task is: reading, checking and interpreting Concourse task files. Pure: no files, no network, no editor. */
export { TaskDocument, decodePipeline, decodeTask } from './document.ts';
export type { DecodeTaskOptions } from './document.ts';
export type { Position } from './lines.ts';
export { TASK_FILE_GLOBS, recognize } from './recognize.ts';
export type { TextKind } from './recognize.ts';
export type { Problem, ProblemData, Severity, TaskPath, TextRange } from './problem.ts';
export { TARGETS, taskConfigJson } from './task-config.ts';
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
} from './task-config.ts';
export { entryOf, nodeAt } from './lookup.ts';
export type { ListNode, MapEntry, MapNode, ScalarNode, TaskNode } from './nodes.ts';
export { STEP_KEYS, TASK, fieldNamed } from './schema.ts';
export type { Field, FieldType, KnownValue, ObjectType } from './schema.ts';
export { IMAGE_PARAM_KEYS, IMAGE_SOURCE_KEYS, IMAGE_TYPES, IMAGE_VERSION_KEYS } from './schema-image.ts';
export type { SourceKey } from './schema-image.ts';
export { SIDECAR } from './schema-sidecar.ts';
export { decodeSidecarFile } from './sidecars.ts';
export type { SidecarAmounts, SidecarConfig, SidecarEntry } from './sidecars.ts';
export { isSingleVar, parseReference, referenceText, varNames } from './vars.ts';
export type { VarReference, VarUse } from './vars.ts';
export type { Lookup, Vars } from './interpolate.ts';
export { loadVars } from './load-vars.ts';
export type { LoadedVars, VarInputs } from './load-vars.ts';
export { resolveImage } from './image.ts';
export type { ImageOptions, ImageResolution, RegistryCredentials, ResolvedImage } from './image.ts';
export { parseImageReference } from './image-reference.ts';
export type { ImageReference } from './image-reference.ts';
export { WORK_DIR, cachePath, effectivePath, findOverlaps, inputPath, outputPath, taskMounts } from './paths.ts';
export type { Mount, Overlap } from './paths.ts';
export { taskLimits } from './limits.ts';
export type { TaskLimits } from './limits.ts';
export { goJson } from './json.ts';
export { parseDuration } from './duration.ts';
export type { DurationResult } from './duration.ts';
export { isEnvName, mergeParams } from './env.ts';
export type { MergedParam, ParamOrigin } from './env.ts';
export { didYouMean } from './suggest.ts';
export type {
  ConfiguredVars,
  DirectoryEntry,
  Environment,
  FileFact,
  Files,
  InputFolder,
  InputFolderReason,
} from './environment.ts';
export type { Rule, RuleContext } from './rules/rule.ts';
export { RULES, ruleById } from './rules/index.ts';
export { RULES_PAGE } from './rules/page.ts';
export { DEFAULT_PROBLEM_LIMIT, checkTask } from './rules/check.ts';
export type { CheckSettings } from './rules/check.ts';
export { embeddedScripts } from './script/embedded.ts';
export type { EmbeddedScript } from './script/embedded.ts';
export type { ScalarStyle } from './script/scalar-text.ts';
export { commandInPath, shellWord } from './script/command-line.ts';
export type { MeantCommand } from './script/command-line.ts';
export { shellCommand } from './script/command.ts';
export type { ShellCommand } from './script/command.ts';
export { matchInputFolders } from './input-folders.ts';
export type { InputFolderSources } from './input-folders.ts';
export { containerPath } from './container-path.ts';
export { readScript, readShebang } from './script/facts.ts';
export type { ScriptFacts, Shebang } from './script/facts.ts';
export type { Assignment, Redirect, ShellWord, SimpleCommand, VariableSetting, VariableUse } from './script/syntax.ts';
export { ContainerPlaces, scriptFile, startedFile } from './script/script-file.ts';
export type { ContainerPlace, ScriptFile, StartedFile } from './script/script-file.ts';
