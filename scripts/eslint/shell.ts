/**
 * Lint: shell programs of the runner are files `*.sh`, imported as text, so that shellcheck reads them and an editor
 * colours them. For the options of ESLint's `no-restricted-syntax`.
 */

const message = 'A shell program is a file `*.sh`, imported as text: see runner/src/supervisor/scripts/index.ts.';

/** A step of a pipeline is called `do`, so that word alone is none. What only a shell program has: keywords at the begin of a line or behind a semicolon, and expansions of its arguments. */
const shell = String.raw`/(?:^|\n)[ \t]*(?:(?:fi|done|esac|then)(?=[\s;]|$)|do(?=[\s;]))|; *(?:then|do) [^;]*; *(?:fi|done)\b|"\$[@0-9]|\$\(\(/`;

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
