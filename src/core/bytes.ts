/** Amounts of storage and memory: Kubernetes quantities in, bytes inside, text for people out. */

const SUFFIX: Readonly<Record<string, number>> = {
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
};

export const MIB = 2 ** 20;
export const GIB = 2 ** 30;

/**
 * Bytes of a Kubernetes quantity such as `22Gi` or `1.5G`; undefined where the text is none. A
 * manifest may write a plain number where the API has a quantity, so a number is taken as well.
 */
export function parseBytes(text: string | number): number | undefined {
  const match = /^(\d+(?:\.\d+)?)(k|M|G|T|P|Ki|Mi|Gi|Ti|Pi)?$/.exec(String(text).trim());
  if (!match) return undefined;
  return Math.round(Number(match[1]) * (SUFFIX[match[2] ?? ''] ?? 1));
}

/** CPUs of a Kubernetes quantity such as `16` or `500m`; undefined where the text is none. */
export function parseCpu(text: string | number): number | undefined {
  const match = /^(\d+(?:\.\d+)?)(m)?$/.exec(String(text).trim());
  if (!match) return undefined;
  return match[2] === 'm' ? Number(match[1]) / 1000 : Number(match[1]);
}

/** The shortest exact binary quantity (`22Gi`), as Kubernetes prints one. */
export function formatQuantity(bytes: number): string {
  for (const suffix of ['Pi', 'Ti', 'Gi', 'Mi', 'Ki']) {
    const unit = SUFFIX[suffix] ?? 1;
    if (bytes >= unit && bytes % unit === 0) return `${bytes / unit}${suffix}`;
  }
  return String(bytes);
}

/** A rounded amount for people: `1.2 TiB`. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
  let value = bytes;
  let unit = 0;
  while (Math.abs(value) >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${value >= 100 || unit === 0 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}
