/** The table of quick fixes, by the code of the problem. */
import { emptyArgument, joinArguments, setErrexit, splitCommandLine } from './commands.ts';
import type { FixMaker } from './fix.ts';
import {
  credential,
  dockerImage,
  explicitTag,
  imageReference,
  imageResource,
  imageType,
  mirrorSelf,
  noImage,
} from './images.ts';
import {
  duplicateKey,
  helperKey,
  overriddenKey,
  removeKey,
  stepKey,
  tooNewKey,
  unknownKey,
  unknownSourceKey,
  wrongCaseKey,
} from './keys.ts';
import { missingName, missingPlatform, missingRunPath, missingSourceKey } from './missing.ts';
import { absolutePath, dots, duplicateName, identifier, samePath } from './paths.ts';
import { declareParam, plainShell, startByShell, stopOnError, unusedDirectory, unusedParam } from './scripts.ts';
import { unknownSuppression, unusedSuppression } from './suppress.ts';
import {
  cacheLifetime,
  coercedScalar,
  cpuLimit,
  environmentName,
  ignoredLimit,
  memoryLimit,
  replacement,
  safeReplacement,
  smallCpu,
  structuredParam,
  valueChanges,
  wrappingLimit,
  wrongType,
} from './values.ts';
import {
  controlCharacter,
  curlyVariables,
  directive,
  extraDocument,
  ignoredText,
  recursiveAnchor,
  surrogateEscape,
  syntax,
  tag,
  unknownAnchor,
} from './yaml.ts';

const FIXES: Readonly<Record<string, FixMaker>> = {
  // Keys.
  'unknown-key': unknownKey,
  'step-key': stepKey,
  'helper-key': helperKey,
  'legacy-image': imageResource,
  'wrong-case-key': wrongCaseKey,
  'duplicate-key': duplicateKey,
  'merge-overrides-key': overriddenKey,
  'needs-newer-concourse': tooNewKey,
  'image-source-unknown': unknownSourceKey,
  // What is missing.
  'missing-platform': missingPlatform,
  'missing-name': missingName,
  'missing-run-path': missingRunPath,
  'no-command': missingRunPath,
  'image-source-missing': missingSourceKey,
  // Values.
  'wrong-type': wrongType,
  'coerced-scalar': coercedScalar,
  'yaml-value-changes': valueChanges,
  'yaml-key-changes': replacement,
  'not-json': safeReplacement,
  'unsupported-key': safeReplacement,
  'invalid-cache-ttl': cacheLifetime,
  'invalid-memory-limit': memoryLimit,
  'invalid-cpu-limit': cpuLimit,
  'limit-truncated': safeReplacement,
  'limit-wraps': wrappingLimit,
  'limit-ignored': ignoredLimit,
  'small-cpu-limit': smallCpu,
  // Directories.
  'path-dots': dots,
  'same-path': samePath,
  'absolute-path': absolutePath,
  'duplicate-name': duplicateName,
  identifier,
  // The image.
  'deprecated-rootfs-uri': imageResource,
  'deprecated-docker-image': dockerImage,
  'image-tag-missing': explicitTag,
  'image-reference': imageReference,
  'image-type': imageType,
  'image-mock': mirrorSelf,
  'no-image': noImage,
  'plain-text-credential': credential,
  // Params, commands, comments.
  'env-name': environmentName,
  'param-structure': structuredParam,
  'command-line-path': splitCommandLine,
  'empty-argument': emptyArgument,
  'shell-c-arguments': joinArguments,
  'script-without-errexit': setErrexit,
  'script-not-executable': startByShell,
  'script-no-shebang': startByShell,
  'script-file-without-errexit': stopOnError,
  'interpreter-missing': plainShell,
  'unset-variable': declareParam,
  'build-metadata': declareParam,
  'unused-param': unusedParam,
  'unused-input': unusedDirectory,
  'unused-output': unusedDirectory,
  'tarmac-extension': removeKey,
  'unknown-suppression': unknownSuppression,
  'unused-suppression': unusedSuppression,
  // The YAML itself.
  'yaml-syntax': syntax,
  'yaml-version': directive,
  'yaml-directive': directive,
  'yaml-map-key': curlyVariables,
  'yaml-unknown-anchor': unknownAnchor,
  'yaml-recursive-anchor': recursiveAnchor,
  'yaml-merge': removeKey,
  'yaml-surrogate-escape': surrogateEscape,
  'yaml-control-character': controlCharacter,
  'yaml-tag': tag,
  'extra-document': extraDocument,
  'ignored-text': ignoredText,
};

/** Codes that have a fix of their own; any problem that knows its replacement has one besides. */
export const FIXABLE_CODES: readonly string[] = Object.keys(FIXES);

/** The fixes for a code. */
export function fixMaker(code: string): FixMaker {
  return (Object.hasOwn(FIXES, code) ? FIXES[code] : undefined) ?? replacement;
}
