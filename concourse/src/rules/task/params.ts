/** Rules about `params` and about where a task can run. */
import { isEnvName } from '../../task/env.ts';
import { didYouMean } from '../../text/suggest.ts';
import { givenParams } from '../given.ts';
import type { Rule } from '../rule.ts';
import { entriesOf, entryAt, hasVar, valueRange } from '../tree.ts';

const TASKS = 'Source: [tasks](https://concourse-ci.org/docs/tasks/).';
const PLATFORMS = ['linux', 'darwin', 'windows'];

/** Names shown in one message. */
const MOST_NAMES = 8;

/** Environment and platform. */
export const PARAM_RULES: readonly Rule[] = [
  {
    id: 'param-unset',
    group: 'params',
    severity: 'hint',
    title: 'Params without a value are set when the task runs',
    documentation: `\`NAME:\` without a value says that the caller should set the variable. There is no check for it: where nobody does, the variable is set to the empty string. Said once for all params of a file, since this is how most tasks declare their params.\n\n${TASKS}`,
    example: 'platform: linux\nrun: {path: make}\nparams:\n  VERSION:\n',
    check({ document, environment, report }) {
      const params = entryAt(document.root, 'params');
      const stepParams = givenParams(document, environment);
      if (stepParams === 'unknown') return;
      const unset = entriesOf(params?.value).filter(
        ({ name, value }) => value.kind === 'scalar' && value.value === null && stepParams?.has(name) !== true,
      );
      if (!params || unset.length === 0) return;
      const names = unset.slice(0, MOST_NAMES).map(({ name }) => name);
      const more = unset.length > names.length ? ` and ${unset.length - names.length} more` : '';
      const what =
        unset.length === 1 ? 'One param has no value and is' : `${unset.length} params have no value and are`;
      const message = `${what} set when the task runs, else to the empty string: ${names.join(', ')}${more}.`;
      report(params.key.range, message, { data: { path: ['params'] } });
    },
  },
  {
    id: 'env-name',
    group: 'params',
    severity: 'warning',
    title: 'A param that cannot be an environment variable',
    documentation:
      'Concourse does not check the names of params. Kubernetes servers before 1.32 refuse names with other characters than letters, digits, `_`, `-` and `.`, or with a digit first, and no server takes `=`.\n\nSource: [EnvVar in the Kubernetes API](https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/), apimachinery `IsEnvVarName`.',
    example: 'platform: linux\nrun: {path: make}\nparams:\n  "MY VAR": "1"\n',
    fixable: true,
    check({ document, report }) {
      for (const { name, key } of entriesOf(entryAt(document.root, 'params')?.value)) {
        // A name that YAML changed has been reported, and is a word or a number then.
        if (isEnvName(name) || hasVar(name) || (key.plain && key.text !== name)) continue;
        const message = `'${name}' cannot be the name of an environment variable on every Kubernetes server. Use letters, digits and '_', no digit first.`;
        report(key.range, message, { data: { path: ['params', name], key: name } });
      }
    },
  },
  {
    id: 'param-structure',
    group: 'params',
    severity: 'information',
    title: 'A list or mapping as a param is passed as JSON',
    documentation: `Params are environment variables: Concourse writes a list or mapping as compact JSON with sorted keys into the variable. Quote the value if its text is meant.\n\n${TASKS}`,
    example: 'platform: linux\nrun: {path: make}\nparams:\n  HOSTS: [a, b]\n',
    fixable: true,
    check({ document, report }) {
      const values = document.config.params ?? {};
      for (const entry of entriesOf(entryAt(document.root, 'params')?.value)) {
        const { name, value } = entry;
        if (value.kind === 'scalar' || !Object.hasOwn(values, name)) continue;
        const kind = value.kind === 'list' ? 'list' : 'mapping';
        const message = `A ${kind} becomes JSON text in the variable '${name}'. Quote the value if that is not meant.`;
        report(entry.key.range, message, {
          data: { path: ['params', name], becomes: (values[name] ?? '').slice(0, 200) },
        });
      }
    },
  },
  {
    id: 'platform',
    group: 'structure',
    severity: 'information',
    title: 'A platform other than linux',
    documentation: `Concourse takes any platform and looks for a worker with that name. Kubernetes runs Linux containers: Tarmac cannot run tasks for \`darwin\` and \`windows\`. A misspelled platform finds no worker at all.\n\n${TASKS}`,
    example: 'platform: darwin\nrun: {path: make}\n',
    fixable: true,
    check({ document, report }) {
      const value = document.config.platform ?? '';
      const entry = entryAt(document.root, 'platform');
      if (!entry || value === '' || value === 'linux' || hasVar(value)) return;
      const known = PLATFORMS.includes(value);
      const meant = known ? undefined : didYouMean(value.trim(), PLATFORMS);
      const advice = meant === undefined ? 'It cannot run on Kubernetes.' : `Did you mean '${meant}'?`;
      report(valueRange(entry), `Only workers of the platform '${value}' take this task. ${advice}`, {
        data: { path: ['platform'], replacement: meant, suggestion: meant },
        severity: meant === undefined ? undefined : 'warning',
      });
    },
  },
];
