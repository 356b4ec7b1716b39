/** Rules about the checking itself. `check.ts` reports them. */
import type { Rule } from './rule.ts';

/** Suppressions and the cap. */
export const CHECKING_RULES: readonly Rule[] = [
  {
    id: 'unknown-suppression',
    group: 'checking',
    severity: 'hint',
    title: 'A suppression of a rule that does not exist',
    documentation:
      '`# tarmac: disable=rule` names a rule that Tarmac does not have. The names are the headings of this page.',
    example: 'platform: linux # tarmac: disable=platfrom\nrun: {path: make}\n',
    fixable: true,
  },
  {
    id: 'unused-suppression',
    group: 'checking',
    severity: 'hint',
    title: 'A suppression that suppresses nothing',
    documentation:
      'The rule named in `# tarmac: disable=rule` finds nothing there. Remove the comment. Nothing is said about rules that are turned off or that lack what they look at, such as a vars file.',
    example: 'platform: linux # tarmac: disable=platform\nrun: {path: make}\n',
    fixable: true,
  },
  {
    id: 'hidden-error',
    group: 'checking',
    severity: 'hint',
    title: 'Concourse rejects the file although no error is shown',
    documentation:
      'All errors of the file are suppressed by comments or settings. The file still does not load: `tarmac validate` fails, and no run starts.',
    example: 'platform: linux\nouputs: [] # tarmac: disable=unknown-key\n',
  },
  {
    id: 'too-many-problems',
    group: 'checking',
    severity: 'information',
    title: 'Not all problems are shown',
    documentation: 'A file shows at most 200 problems (a setting), the most severe ones first.',
  },
  {
    id: 'template',
    group: 'checking',
    severity: 'information',
    title: 'A file that a template engine reads first',
    documentation:
      'The file has the marks of ytt (`#@ …`), spruce (`(( grab … ))`), Jinja (`{% … %}`), Helm or Go templates (`{{ .Values… }}`) or ERB (`<% … %>`). Concourse never gets it in this form, so nothing else is said about it. Marks of Jinja, Helm and ERB count only where the text cannot be read as YAML. Check what the template renders to: in the editor by the setting `tarmac.pipelines.render`, which names the command (in trusted workspaces only), elsewhere by `ytt -f pipeline.yml | tarmac validate -`.',
    example: 'platform: linux\nrun:\n  path: #@ data.values.script\n',
  },
];
