/** Decoded configurations as JSON text. */

/** Compact JSON without fields that are undefined; whole numbers (`bigint`) keep every digit. */
export function configJson(value: unknown): string {
  if (typeof value === 'bigint') return value.toString();
  if (Array.isArray(value)) return `[${value.map(configJson).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value).filter(([, member]) => member !== undefined);
    return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${configJson(member)}`).join(',')}}`;
  }
  return JSON.stringify(value ?? null);
}
