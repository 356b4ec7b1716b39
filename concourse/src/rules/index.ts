/**
 * The table of all rules. Settings, docs/rules.md, quick fixes and the golden tests derive from it.
 *
 * What a problem's `data` holds, by rule (all have `path` where the problem is about a value of the task):
 * - A text for the place of the range, in `replacement`: unknown-key, wrong-case-key, image-source-unknown, platform,
 *   image-type (where a word was meant, in `suggestion` too), wrong-type and coerced-scalar (quoted, or in the shape that
 *   is wanted), yaml-value-changes, yaml-key-changes, not-json, unsupported-key (quoted), limit-truncated,
 *   small-cpu-limit, small-memory-limit, path-dots, image-reference, deprecated-docker-image, var-syntax, empty-argument,
 *   script-without-errexit (the option), undefined-var and unknown-suppression (where a name was meant), yaml-version and
 *   yaml-directive (nothing), yaml-syntax (where it is clear what was meant), invalid-var (where that makes it readable),
 *   yaml-lost-text (quoted).
 * - A key in `key`: the unknown one (unknown-key, step-key, helper-key, legacy-image, image-source-unknown) or the missing
 *   one (missing-*, image-source-missing, image-type, image-tag-missing, image-mock, no-command).
 * - What it really means in `becomes`: yaml-value-changes, yaml-key-changes, coerced-scalar, limit-*, path-dots,
 *   absolute-path, param-structure; the image reference in legacy-image and deprecated-rootfs-uri; tag or digest in
 *   image-reference.
 * - The other place in `related`: duplicate-key, same-path, nested-path, duplicate-name, shell-c-arguments (the script),
 *   unused-suppression and unknown-suppression (the whole comment).
 */
import { CHECKING_RULES } from './checking.ts';
import { COMMAND_RULES } from './task/command.ts';
import { CREDENTIAL_RULES } from './task/credentials.ts';
import { COMMAND_FILE_RULES } from './files/command.ts';
import { PATH_FILE_RULES } from './files/paths.ts';
import { FLOW_RULES } from './pipeline/flow.ts';
import { IMAGE_SOURCE_RULES } from './task/image-source.ts';
import { IMAGE_RULES } from './task/image.ts';
import { LIMIT_RULES } from './task/limits.ts';
import { LOST_TEXT_RULES } from './text/lost-text.ts';
import { NAME_RULES } from './task/names.ts';
import { PARAM_RULES } from './task/params.ts';
import { PATH_RULES } from './task/paths.ts';
import { PIPELINE_RULES } from './pipeline/pipeline.ts';
import type { Rule } from './rule.ts';
import { SCRIPT_DIRECTORY_RULES } from './script/directories.ts';
import { ERREXIT_RULES } from './script/errexit.ts';
import { INTERPRETER_RULES } from './script/interpreter.ts';
import { SCRIPT_VARIABLE_RULES } from './script/variables.ts';
import { SIDECAR_RULES } from './task/sidecars.ts';
import { STRUCTURE_RULES } from './text/structure.ts';
import { SYNTAX_RULES } from './text/syntax.ts';
import { VALUE_RULES } from './text/values.ts';
import { VAR_RULES } from './text/vars.ts';

/** Every rule, by group. */
export const RULES: readonly Rule[] = [
  ...SYNTAX_RULES,
  ...LOST_TEXT_RULES,
  ...STRUCTURE_RULES,
  ...VALUE_RULES,
  ...IMAGE_RULES,
  ...IMAGE_SOURCE_RULES,
  ...PARAM_RULES,
  ...CREDENTIAL_RULES,
  ...VAR_RULES,
  ...PATH_RULES,
  ...NAME_RULES,
  ...LIMIT_RULES,
  ...COMMAND_RULES,
  ...COMMAND_FILE_RULES,
  ...PATH_FILE_RULES,
  ...INTERPRETER_RULES,
  ...ERREXIT_RULES,
  ...SCRIPT_VARIABLE_RULES,
  ...SCRIPT_DIRECTORY_RULES,
  ...SIDECAR_RULES,
  ...PIPELINE_RULES,
  ...FLOW_RULES,
  ...CHECKING_RULES,
];

const BY_ID: ReadonlyMap<string, Rule> = new Map(RULES.map((rule) => [rule.id, rule]));

/** The rule of a name; undefined when there is none. */
export function ruleById(id: string): Rule | undefined {
  return BY_ID.get(id);
}
