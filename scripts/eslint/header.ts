/** Lint: each source file begins with a comment that says what the file is for. Of a test its name says it. */
import type { Rule } from 'eslint';

/** What is no sentence about the file: words for tools. */
const forTools = /^[\s*]*(?:eslint|@ts-|prettier-|cspell|c8 |v8 )/;

/** Lint rule: the first thing in a file, but for `#!`, is a comment with words for a reader. */
export const headerRule: Rule.RuleModule = {
  meta: {
    type: 'suggestion',
    schema: [],
    messages: { missing: 'A file begins with a comment that says what it is for.' },
  },
  create(context) {
    return {
      Program(node) {
        const { sourceCode } = context;
        const comments = sourceCode.getAllComments().filter(({ type }) => (type as string) !== 'Shebang');
        const header = comments.find(({ value }) => !forTools.test(value));
        const start = header?.range?.[0];
        const code = sourceCode.ast.tokens[0]?.range[0];
        if (
          start !== undefined &&
          (code === undefined || start < code) &&
          /\p{L}+\s+\p{L}+/u.test(header?.value ?? '')
        ) {
          return;
        }
        context.report({ node, loc: { line: 1, column: 0 }, messageId: 'missing' });
      },
    };
  },
};
