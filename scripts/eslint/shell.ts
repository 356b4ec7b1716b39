/**
 * Lint: shell programs of the runner are files `*.sh`, imported as text, so that shellcheck reads them and an editor
 * colours them. For the options of ESLint's `no-restricted-syntax`.
 */

const message = 'A shell program is a file `*.sh`, imported as text: see runner/src/supervisor/scripts/index.ts.';

/**
 * What only a shell program has: keywords that are a line or end one, or begin a later line, and expansions of its
 * arguments. English sentences begin with such words too, and a step of a pipeline is called `do`.
 */
const shell = String.raw`/(?:^|\n)[ \t]*(?:fi|done|esac|then|do)(?=;|\n)|\n[ \t]*(?:fi|done|esac|then|do)(?=\s|$)|; *(?:then|do) [^;]*; *(?:fi|done)\b|"\$[@0-9]|\$\(\(/`;

/** What is refused in `runner/src`. */
export const shellTexts: readonly { readonly selector: string; readonly message: string }[] = [
  // What a shell is given to run, unless it comes from a file.
  {
    selector:
      'ArrayExpression > Literal[value=/^(?:ba)?sh$/] + Literal[value="-c"] + :matches(Literal, TemplateLiteral, BinaryExpression)',
    message,
  },
  { selector: `TemplateElement[value.raw=${shell}]`, message },
  { selector: `Literal[value=${shell}]`, message },
];
