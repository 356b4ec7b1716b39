/** Which values an editor must not show. */

const SECRET =
  /pass(?:word|phrase|wd)?|secret|token|credential|private|apikey|(?:^|[^a-z])(?:key|pat|auth|cert|pem|pw)(?:[^a-z]|$)/;

/**
 * True when a name says that its value is a secret: `password`, `github_token`, `sshKey`. Rather once too often: a masked
 * value can still be read in its file.
 */
export function isSecretName(name: string): boolean {
  return SECRET.test(name.replaceAll(/([a-z\d])([A-Z])/g, '$1_$2').toLowerCase());
}
