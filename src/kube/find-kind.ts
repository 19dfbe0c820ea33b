/** A kind by its name, as discovery lists it: its plural, its version, where its objects live. */

import * as known from '../api/resources.ts';
import type { Resource } from '../api/resources.ts';
import { ignoreNotFound } from './api-error.ts';
import type { KubeClient } from './client.ts';

export interface NamedKind {
  /** `group/version`; any group's, in the version that it prefers, where undefined. */
  readonly apiVersion: string | undefined;
  readonly kind: string;
}

/** Kinds that bench knows without asking. */
const KNOWN: readonly Resource[] = Object.values(known);

/** The kind as bench knows it without asking the server; undefined where it does not. */
export function knownKind({ apiVersion, kind }: NamedKind): Resource | undefined {
  return KNOWN.find(
    (each) => each.kind === kind && (apiVersion ?? versionOf(each)) === versionOf(each),
  );
}

/** As kubectl guesses where it has not asked (apimachinery meta.UnsafeGuessKindToResource). */
export function guessPlural(kind: string): string {
  const lower = kind.toLowerCase();
  if (lower.endsWith('s')) return `${lower}es`;
  return lower.endsWith('y') ? `${lower.slice(0, -1)}ies` : `${lower}s`;
}

/** `apps/v1`, `v1`. */
function versionOf({ group, version }: Resource): string {
  return group === '' ? version : `${group}/${version}`;
}

/** Undefined where the server serves no such kind, for now. Throws ApiError, TransportError. */
export async function findKind(
  client: KubeClient,
  named: NamedKind,
): Promise<Resource | undefined> {
  const { apiVersion, kind } = named;
  if (apiVersion !== undefined) return findIn(client, apiVersion, kind);
  const core = await findIn(client, 'v1', kind);
  if (core !== undefined) return core;
  const listed = knownKind(named);
  const answer = (await read(client, '/apis')) as Groups | undefined;
  const groups = Array.isArray(answer?.groups) ? (answer as Required<Groups>).groups : [];
  const versions = groups.flatMap((group) => group?.preferredVersion?.groupVersion ?? []);
  // A group may prefer a version that has other kinds alone, as OLM's does.
  const others = groups.flatMap((group) =>
    (group?.versions ?? []).map((each) => each.groupVersion),
  );
  const first = listed === undefined ? [] : [versionOf(listed)];
  for (const version of new Set([...first, ...versions, ...others])) {
    const found = await findIn(client, version, kind);
    if (found !== undefined) return found;
  }
  return undefined;
}

interface Groups {
  readonly groups?: readonly {
    readonly preferredVersion: { readonly groupVersion: string };
    readonly versions?: readonly { readonly groupVersion: string }[];
  }[];
}

interface Listed {
  readonly resources?: readonly {
    readonly name: string;
    readonly kind: string;
    readonly namespaced: boolean;
  }[];
}

async function findIn(
  client: KubeClient,
  apiVersion: string,
  kind: string,
): Promise<Resource | undefined> {
  const root = apiVersion.includes('/') ? '/apis' : '/api';
  const listed = (await read(client, `${root}/${apiVersion}`)) as Listed | undefined;
  const resources = Array.isArray(listed?.resources) ? (listed as Required<Listed>).resources : [];
  const found = resources.find((each) => each?.kind === kind && !each.name.includes('/'));
  if (found === undefined) return undefined;
  const [version = '', group = ''] = apiVersion.split('/').reverse();
  const { name: plural, namespaced } = found;
  return { group, version, plural, kind, namespaced };
}

async function read(client: KubeClient, path: string): Promise<unknown> {
  return (await ignoreNotFound(client.raw({ method: 'GET', path })))?.body;
}
