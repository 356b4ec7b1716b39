/** Where the rules are explained. */

/** The page that `docs/rules.md` becomes. */
export const RULES_PAGE = 'https://github.com/tarmac-ci/tarmac/blob/main/docs/rules.md';

/** The address of a rule's section on that page. */
export function rulePage(id: string): string {
  return `${RULES_PAGE}#${id}`;
}
