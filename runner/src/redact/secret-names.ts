/** Words in a name of a param or variable that make its value a secret until the user says otherwise. */
const secretName =
  /(?:^|[_.-])(?:pass(?:word|wd|phrase)?|pwd|pw|secrets?|tokens?|credentials?|creds|auth|jwt|pat|private)(?:$|[_.-])|(?:^|[_.-])(?:api|access|secret|private|signing|encryption|ssh|deploy)[_.-]?keys?(?:$|[_.-])|_key$|password|secret|apikey|accesstoken|authtoken/iu;

/** Whether a param or variable of this name holds a secret, as far as its name tells. */
export function looksSecret(name: string): boolean {
  return secretName.test(name);
}

/** Texts of variables, however deep, that stand below a name which is marked or looks secret. */
export function secretTexts(value: unknown, isSecret: (name: string) => boolean, inside = false): string[] {
  if (typeof value === 'string' || typeof value === 'number') return inside ? [String(value)] : [];
  if (Array.isArray(value)) return value.flatMap((each: unknown) => secretTexts(each, isSecret, inside));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, each]) => secretTexts(each, isSecret, inside || isSecret(name)));
}
