/** The page of all rules, in one part for each rule. */

/** The part about a rule, as a page of its own; undefined when there is no such rule. */
export function ruleSection(page: string, rule: string): string | undefined {
  const lines = page.split('\n');
  const start = lines.indexOf(`### ${rule}`);
  if (start < 0) return undefined;
  const length = lines.slice(start + 1).findIndex((line) => /^#{2,3} /.test(line));
  const [, ...body] = lines.slice(start, length < 0 ? undefined : start + 1 + length);
  // Links to other rules lead to their pages.
  const text = body.join('\n').replaceAll(/\]\(#([a-z-]+)\)/g, ']($1.md)');
  return `# ${rule}\n${text.trimEnd()}\n`;
}
