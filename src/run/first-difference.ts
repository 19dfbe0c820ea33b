/**
 * Whether an object is as it was asked for: only what was asked for is compared, since a server and
 * its controllers fill in the rest.
 */

import { sameJson } from '../core/json.ts';

/** `.spec.channel is "beta", and not "stable"`; undefined where nothing differs. */
export function firstDifference(wanted: unknown, found: unknown): string | undefined {
  return differenceAt('', wanted, found);
}

/** The kind's version is the server's to choose, and its status is nobody's to ask for. */
const IGNORED: ReadonlySet<string> = new Set(['.apiVersion', '.kind', '.status']);

function differenceAt(path: string, wanted: unknown, found: unknown): string | undefined {
  if (IGNORED.has(path) || sameJson(wanted, found)) return undefined;
  if (wanted === null || wanted === undefined) {
    return found === undefined ? undefined : `${path} is there`;
  }
  if (Array.isArray(wanted)) {
    if (!Array.isArray(found) || found.length !== wanted.length) return said(path, wanted, found);
    return firstOf(wanted.map((each, i) => differenceAt(`${path}[${i}]`, each, found[i])));
  }
  if (typeof wanted !== 'object') return said(path, wanted, found);
  if (found !== undefined && (typeof found !== 'object' || Array.isArray(found))) {
    return said(path, wanted, found);
  }
  const there = (found ?? {}) as Readonly<Record<string, unknown>>;
  const entries = Object.entries(wanted);
  return firstOf(entries.map(([key, value]) => differenceAt(`${path}.${key}`, value, there[key])));
}

function firstOf(differences: readonly (string | undefined)[]): string | undefined {
  return differences.find((each) => each !== undefined);
}

function said(path: string, wanted: unknown, found: unknown): string {
  if (found === undefined) return `${path} is missing, wanted ${JSON.stringify(wanted)}`;
  return `${path} is ${JSON.stringify(found)}, and not ${JSON.stringify(wanted)}`;
}
