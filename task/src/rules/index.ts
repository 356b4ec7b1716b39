/** The table of all rules. Settings, docs/rules.md, quick fixes and the golden tests derive from it. */
import { CHECKING_RULES } from './checking.ts';
import { COMMAND_RULES } from './command.ts';
import { CREDENTIAL_RULES } from './credentials.ts';
import { COMMAND_FILE_RULES } from './files-command.ts';
import { PATH_FILE_RULES } from './files-paths.ts';
import { IMAGE_SOURCE_RULES } from './image-source.ts';
import { IMAGE_RULES } from './image.ts';
import { LIMIT_RULES } from './limits.ts';
import { NAME_RULES } from './names.ts';
import { PARAM_RULES } from './params.ts';
import { PATH_RULES } from './paths.ts';
import type { Rule } from './rule.ts';
import { SCRIPT_DIRECTORY_RULES } from './script-directories.ts';
import { ERREXIT_RULES } from './script-errexit.ts';
import { INTERPRETER_RULES } from './script-interpreter.ts';
import { SCRIPT_VARIABLE_RULES } from './script-variables.ts';
import { SIDECAR_RULES } from './sidecars.ts';
import { STRUCTURE_RULES } from './structure.ts';
import { SYNTAX_RULES } from './syntax.ts';
import { VALUE_RULES } from './values.ts';
import { VAR_RULES } from './vars.ts';

/** Every rule, by group. */
export const RULES: readonly Rule[] = [
  ...SYNTAX_RULES,
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
  ...CHECKING_RULES,
];

const BY_ID: ReadonlyMap<string, Rule> = new Map(RULES.map((rule) => [rule.id, rule]));

/** The rule of a name; undefined when there is none. */
export function ruleById(id: string): Rule | undefined {
  return BY_ID.get(id);
}
