/**
 * Lint: what people read goes through `l10n.t`, and `l10n.t` gets a text as it is written, since texts are collected from the
 * source. For the options of ESLint's `no-restricted-syntax`. It sees where VS Code is handed a text that is written there;
 * what comes by a variable is for a reviewer to see.
 */

/** A word, but for our own name; of a template also what is no icon: `$(sync~spin) ${text}`. */
const word = String.raw`/^(?!Tarmac$).*[A-Za-z]/`;
const words = String.raw`/(?:^|\s)(?!Tarmac\b)[A-Za-z]+[\s.,:?]/`;

/** Where VS Code is handed a text. */
const messages = 'callee.object.name="window"][callee.property.name=/^show(?:Information|Warning|Error)Message$/';
const properties = String.raw`/^(?:title|placeHolder|placeholder|prompt|detail|openLabel|tooltip|description|greeting)$/`;
const fields = String.raw`/^(?:name|title|text|label|tooltip|description|detail|placeholder|prompt|value)$/`;

const raw = 'What people read goes through l10n.t: see client/src/localization.ts.';

/** What is refused in `client/src`. */
export const rawTexts: readonly { readonly selector: string; readonly message: string }[] = [
  {
    selector:
      'CallExpression[callee.object.name="l10n"][callee.property.name="t"][arguments.0.type!=/^(?:Literal|ObjectExpression)$/]',
    message: 'Texts are collected from the source: l10n.t gets a plain string, with {0} for what is put into it.',
  },
  { selector: `CallExpression[${messages}] > Literal[value=${word}]`, message: raw },
  {
    selector: `CallExpression[${messages}] > TemplateLiteral:has(> TemplateElement[value.raw=${words}])`,
    message: raw,
  },
  { selector: `Property[key.name=${properties}] > Literal.value[value=${word}]`, message: raw },
  {
    selector: `Property[key.name=${properties}] > TemplateLiteral.value:has(> TemplateElement[value.raw=${words}])`,
    message: raw,
  },
  { selector: `Property[key.name="label"] > Literal.value[value=/\\S\\s\\S/]`, message: raw },
  { selector: `AssignmentExpression[left.property.name=${fields}] > Literal.right[value=${word}]`, message: raw },
];
