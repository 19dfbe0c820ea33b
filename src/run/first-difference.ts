/**
 * Whether an object is as it was asked for: only what was asked for is compared, since a server and
 * its controllers fill in the rest.
 */

import { sameJson } from '../core/json.ts';
import { hideJsonSecrets } from '../core/json-secrets.ts';
import { HIDDEN } from '../core/secrets.ts';

interface Difference {
  readonly path: Path;
  readonly wanted: unknown;
  readonly found: unknown;
}

type Path = readonly (string | number)[];

/** `.spec.channel is "beta", and not "stable"`; undefined where nothing differs. */
export function firstDifference(wanted: unknown, found: unknown): string | undefined {
  const asked = asStored(wanted);
  const difference = differenceAt([], asked, found);
  if (difference === undefined) return undefined;
  // What is a secret is so by the names above it.
  const [shownWanted, shownFound] = [hideJsonSecrets(asked), hideJsonSecrets(found)];
  return said(
    difference,
    shown(difference.wanted, shownWanted, difference.path),
    shown(difference.found, shownFound, difference.path),
  );
}

/** A server puts `stringData` of a Secret into its `data`, and never tells it again. */
function asStored(wanted: unknown): unknown {
  const { kind, stringData, ...rest } = (wanted ?? {}) as Readonly<Record<string, unknown>>;
  if (kind !== 'Secret' || typeof stringData !== 'object' || stringData === null) return wanted;
  const data = Object.entries(stringData).map(([name, value]) => [
    name,
    Buffer.from(String(value)).toString('base64'),
  ]);
  return {
    ...rest,
    kind,
    data: { ...(rest['data'] as object | undefined), ...Object.fromEntries(data) },
  };
}

/** The kind's version is the server's to choose, and its status is nobody's to ask for. */
const IGNORED: ReadonlySet<string> = new Set(['.apiVersion', '.kind', '.status']);

function differenceAt(path: Path, wanted: unknown, found: unknown): Difference | undefined {
  if (IGNORED.has(pathText(path)) || sameJson(wanted, found)) return undefined;
  const here = { path, wanted, found };
  if (wanted === null || wanted === undefined) return found === undefined ? undefined : here;
  if (Array.isArray(wanted)) {
    if (!Array.isArray(found) || found.length !== wanted.length) return here;
    return firstOf(wanted.map((each, i) => differenceAt([...path, i], each, found[i])));
  }
  if (typeof wanted !== 'object') return here;
  if (found !== undefined && (typeof found !== 'object' || Array.isArray(found))) return here;
  const there = (found ?? {}) as Readonly<Record<string, unknown>>;
  const entries = Object.entries(wanted);
  return firstOf(entries.map(([key, value]) => differenceAt([...path, key], value, there[key])));
}

function firstOf(differences: readonly (Difference | undefined)[]): Difference | undefined {
  return differences.find((each) => each !== undefined);
}

function said({ path, wanted, found }: Difference, wantedText: string, foundText: string): string {
  const where = pathText(path);
  if (wanted === null || wanted === undefined) return `${where} is there`;
  if (found === undefined) return `${where} is missing, wanted ${wantedText}`;
  return `${where} is ${foundText}, and not ${wantedText}`;
}

function shown(value: unknown, hidden: unknown, path: Path): string {
  let at = hidden;
  for (const step of path) {
    if (at === HIDDEN) return HIDDEN;
    at = (at as Readonly<Record<string | number, unknown>> | undefined)?.[step];
  }
  return at === HIDDEN && value !== HIDDEN ? HIDDEN : JSON.stringify(at);
}

function pathText(path: Path): string {
  return path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`)).join('');
}
