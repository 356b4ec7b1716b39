/** Where the rules are explained. */

/**
 * The page of all rules, from the root of the repository and from that of the packaged extension. The section of a rule
 * has its id for an anchor.
 */
export const RULES_PAGE = 'docs/rules.md';
