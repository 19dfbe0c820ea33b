/**
 * Hashes in place of the names of hosts, for histories that are shown to others. The same name on
 * the same cluster has the same hash in every run, so that runs can still be compared.
 */

import { createHash } from 'node:crypto';
import type { Change, Entry } from './entry.ts';
import type { MetricSeries } from './metric-entry.ts';

export interface Pseudonyms {
  /** `h-1a2b3c4d`. */
  name(name: string): string;
  /** Any text, with the names met so far and all IPv4 addresses replaced. */
  text(text: string): string;
  entry(entry: Entry): Entry;
}

const NODE_CLOCK = 'node/';

/** Errors of connections name them. */
const ADDRESS = /\b\d{1,3}(\.\d{1,3}){3}\b/g;

/** `salt` is the cluster's own; `names` are known from the start, such as the server's. */
export function createPseudonyms(salt: string, names: readonly string[]): Pseudonyms {
  const hashes = new Map<string, string>();
  const hashOf = (name: string) => {
    const known = hashes.get(name);
    if (known !== undefined) return known;
    const digits = createHash('sha256').update(`${salt}/${name}`).digest('hex').slice(0, 8);
    hashes.set(name, `h-${digits}`);
    return `h-${digits}`;
  };
  for (const name of names) hashOf(name);
  const text = (plain: string) => {
    let hidden = plain;
    // Longer ones first: worker-1 is part of worker-10.
    const byLength = [...hashes].sort(([a], [b]) => b.length - a.length);
    for (const [name, hash] of byLength) hidden = hidden.replaceAll(name, hash);
    return hidden.replaceAll(ADDRESS, (address) => hashOf(address));
  };
  const clock = (name: string) =>
    name.startsWith(NODE_CLOCK) ? `${NODE_CLOCK}${hashOf(name.slice(NODE_CLOCK.length))}` : name;
  return { name: hashOf, text, entry: (entry) => hide(entry, { hashOf, text, clock }) };
}

interface Hiding {
  readonly hashOf: (name: string) => string;
  readonly text: (plain: string) => string;
  readonly clock: (name: string) => string;
}

function hide(entry: Entry, { hashOf, text, clock }: Hiding): Entry {
  switch (entry.e) {
    case 'tr':
      return entry.c.some(isHost)
        ? { ...entry, c: entry.c.map((it) => hideHost(it, hashOf)) }
        : entry;
    case 'clock':
      return { ...entry, name: clock(entry.name) };
    case 'offset':
      return { ...entry, clock: clock(entry.clock) };
    case 'metric':
      return { ...entry, series: entry.series.map((each) => hideLabels(each, hashOf, text)) };
    case 'note':
    case 'miss':
    case 'why':
      return entry.message === undefined ? entry : { ...entry, message: text(entry.message) };
    case 'end':
      return entry.reason === undefined ? entry : { ...entry, reason: text(entry.reason) };
    default:
      return entry;
  }
}

/** Labels of Prometheus that name a host, or its address. */
const HOST_LABELS: ReadonlySet<string> = new Set(['instance', 'node', 'host', 'hostname']);

function hideLabels(
  { labels, values }: MetricSeries,
  hashOf: Hiding['hashOf'],
  text: Hiding['text'],
): MetricSeries {
  const hidden = Object.entries(labels).map(
    ([key, value]) => [key, HOST_LABELS.has(key) ? hashOf(value) : text(value)] as const,
  );
  return { labels: Object.fromEntries(hidden), values };
}

/** The address of a guest is hidden as well. */
function isHost([name]: Change): boolean {
  return name === 'node' || name === 'ip';
}

function hideHost(change: Change, hashOf: (name: string) => string): Change {
  return isHost(change) ? [change[0], hashOf(change[1])] : change;
}
