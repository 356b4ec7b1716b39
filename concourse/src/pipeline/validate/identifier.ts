/** Names that Concourse likes (concourse/concourse atc/configwarning.go). */

const VALID = /^[\p{Ll}\p{Lt}\p{Lm}\p{Lo}0-9][\p{Ll}\p{Lt}\p{Lm}\p{Lo}0-9\-_.]*$/u;
const FIRST = /^[\p{Ll}\p{Lt}\p{Lm}\p{Lo}0-9]/u;
const ALLOWED = /[\p{Ll}\p{Lt}\p{Lm}\p{Lo}0-9\-_.]/u;

/** Why a name that is not empty is no valid identifier, in upstream's words; undefined for one that is. */
export function identifierFault(name: string): string | undefined {
  if (/^[0-9]+$/.test(name)) return 'cannot be just numbers';
  if (VALID.test(name)) return undefined;
  if (!FIRST.test(name)) return 'must start with a lowercase letter or a number';
  const [first = '', ...rest] = name;
  // Upstream begins its search in the middle of a first character of several bytes.
  if (first.charCodeAt(0) > 0x7f) return "illegal character '\ufffd'";
  const illegal = rest.find((character) => !ALLOWED.test(character)) ?? '';
  return `illegal character '${illegal}'`;
}

/** A name that is close to one that is no identifier; undefined where nothing is left of it. */
export function asIdentifier(name: string): string | undefined {
  if (name.includes('((')) return undefined;
  const text = name
    .trim()
    .toLowerCase()
    .replaceAll(/[^\p{Ll}\p{Lt}\p{Lm}\p{Lo}0-9\-_.]+/gu, '-')
    .replaceAll(/^[-_.]+|-+$/gu, '');
  return text !== '' && identifierFault(text) === undefined ? text : undefined;
}
