/** Kubernetes' quantities (`250m`, `128Mi`, `1.5G`) as numbers, to compare them and to write new ones. */

const factors: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

/** The amount in units (CPUs, bytes); undefined when the text is no quantity. Exact enough to compare sizes of pods. */
export function parseQuantity(text: string): number | undefined {
  const match = /^\+?(\d+(?:\.\d*)?|\.\d+)(?:[eE]([+-]?\d{1,2})|([numkMGTPE]|[KMGTPE]i)?)$/.exec(text.trim());
  if (!match) return undefined;
  const [, digits = '', exponent, suffix = ''] = match;
  return Number(digits) * (exponent === undefined ? (factors[suffix] ?? NaN) : 10 ** Number(exponent));
}

/** The amount as Kubernetes writes it: CPUs in thousandths, rounded up; bytes in Mi where they are whole ones. */
export function formatQuantity(resource: string, amount: number): string {
  if (resource === 'cpu') {
    const millis = Math.ceil(Math.round(amount * 1e6) / 1e3);
    return `${millis}m`;
  }
  const bytes = Math.ceil(amount);
  return bytes % 2 ** 20 === 0 ? `${bytes / 2 ** 20}Mi` : String(bytes);
}
