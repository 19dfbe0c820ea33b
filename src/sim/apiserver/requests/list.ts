/**
 * GET of a collection, in pages of one version. The first page that is not the last remembers what
 * the others will show; a token whose memory is gone is answered with 410, as after a compaction.
 */

import type { KubeList, KubeObject } from '../../../api/object.ts';
import { badRequest, expired, tooLargeVersion } from '../core/refusal.ts';
import { formatApiVersion } from '../registry/registry.ts';
import type { Target } from '../registry/routes.ts';
import { type Selection, makeSelection } from '../registry/selection.ts';
import { type Collection, storeKey } from '../registry/store.ts';
import type { Context } from './context.ts';
import { checkListOptions } from './option-checks.ts';
import type { Query } from '../core/query.ts';

/** What a list that was begun shows, all of it. */
interface Begun {
  readonly version: number;
  readonly objects: readonly KubeObject[];
}

export interface Lister {
  list(target: Target, query?: Query): KubeList;
  /** Forgets begun lists, so that their tokens expire. */
  forget(): void;
}

/** Lists in progress beyond this number expire, the oldest first. */
const REMEMBERED_LISTS = 64;

export function createLister(context: Context): Lister {
  const remembered = new Map<string, Begun>();
  const remember = (key: string, begun: Begun) => {
    remembered.delete(key);
    remembered.set(key, begun);
    if (remembered.size > REMEMBERED_LISTS) {
      for (const oldest of remembered.keys()) {
        remembered.delete(oldest);
        break;
      }
    }
  };
  const firstPage = (target: Target, query: Query | undefined, limit: number, from?: string) => {
    const collection = context.store.collection(target.definition);
    const selection = makeSelection(target, query);
    const version = exactVersion(query) ?? context.store.version;
    const present = selectedObjects(collection, selection, from);
    const isPresent = version === context.store.version;
    const objects = isPresent ? present : snapshotAt(collection, selection, present, version);
    const whole = limit === 0 || objects.length <= limit;
    if (!whole) remember(listKey(target, query, version), { version, objects });
    return page(context, target, query, { version, objects }, 0, limit);
  };
  const nextPage = (target: Target, query: Query, limit: number, token: Token) => {
    if (token.version < 0) return firstPage(target, query, limit, `${token.after}\0`);
    const rest = remembered.get(listKey(target, query, token.version));
    if (!rest) throw lostToken(token);
    return page(context, target, query, rest, firstAfter(rest.objects, token.after), limit);
  };
  return {
    list(target, query) {
      if (query) checkListOptions(query, false);
      const limit = Number(query?.['limit'] ?? 0) || 0;
      const token = query?.['continue'];
      if (query && token) return nextPage(target, query, limit, readToken(query, token));
      checkAskedVersion(query, context.store.version);
      return firstPage(target, query, limit);
    },
    forget: () => remembered.clear(),
  };
}

/** What the selection names, in key order. */
export function selectedObjects(
  collection: Collection,
  selection: Selection,
  from?: string,
): KubeObject[] {
  const objects: KubeObject[] = [];
  const { namespace, name, test } = selection;
  if (
    name !== undefined &&
    (namespace !== undefined || !collection.definition.resource.namespaced)
  ) {
    const only = collection.get(namespace, name);
    if (only && (test === undefined || test(only))) objects.push(only);
    return objects;
  }
  collection.scan(
    namespace,
    (object) => {
      if (test === undefined || test(object)) objects.push(object);
      return true;
    },
    from,
  );
  return objects;
}

function page(
  context: Context,
  target: Target,
  query: Query | undefined,
  { version, objects }: Begun,
  start: number,
  limit: number,
): KubeList {
  const { resource } = target.definition;
  const collection = context.store.collection(target.definition);
  const end = limit === 0 ? objects.length : Math.min(objects.length, start + limit);
  const items = objects.slice(start, end).map((object) => context.present(collection, object));
  const last = items.at(-1);
  const left = objects.length - end;
  const more =
    left > 0 && last
      ? {
          continue: formatToken({ version, after: makeKey(last) }),
          ...(isSelective(query) ? {} : { remainingItemCount: left }),
        }
      : {};
  return Object.freeze({
    apiVersion: formatApiVersion(resource),
    kind: `${resource.kind}List`,
    metadata: Object.freeze({ resourceVersion: String(version), ...more }),
    items: Object.freeze(items),
  });
}

/** Index of the first object whose key is beyond `key`. */
function firstAfter(objects: readonly KubeObject[], key: string): number {
  let low = 0;
  let high = objects.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (makeKey(objects[middle] as KubeObject) <= key) low = middle + 1;
    else high = middle;
  }
  return low;
}

function isSelective(query: Query | undefined): boolean {
  return Boolean(query?.['labelSelector'] || query?.['fieldSelector']);
}

/** Refuses a version that is no number (400) or not yet reached (504). */
function checkAskedVersion(query: Query | undefined, version: number): void {
  const text = query?.['resourceVersion'];
  if (text === undefined || text === '' || text === '0') return;
  const asked = Number(text);
  if (!Number.isInteger(asked) || asked < 0) throw badRequest(`invalid resource version: ${text}`);
  if (asked > version) throw tooLargeVersion(asked, version);
}

/** The version that the list is to show, where it is to show no later one. */
function exactVersion(query: Query | undefined): number | undefined {
  return query?.['resourceVersionMatch'] === 'Exact' ? Number(query['resourceVersion']) : undefined;
}

/** The selected objects as they were at `version`: what was committed since is taken back. */
function snapshotAt(
  collection: Collection,
  { namespace, name, test }: Selection,
  present: readonly KubeObject[],
  version: number,
): readonly KubeObject[] {
  const since = collection.history.since(version);
  if (!since) throw expired('The resourceVersion for the provided list is too old.');
  if (since.length === 0) return present;
  const objects = new Map(present.map((object) => [makeKey(object), object]));
  for (const { before, event } of [...since].reverse()) {
    objects.delete(makeKey(event.object));
    if (!before || (namespace !== undefined && before.metadata.namespace !== namespace)) continue;
    if (name !== undefined && before.metadata.name !== name) continue;
    if (!test || test(before)) objects.set(makeKey(before), before);
  }
  return [...objects].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, object]) => object);
}

interface Token {
  /** Negative: at the present version, whatever that is. */
  readonly version: number;
  /** The key of the last object that was delivered. */
  readonly after: string;
}

function formatToken(token: Token): string {
  const text = JSON.stringify({ v: 'meta.k8s.io/v1', rv: token.version, start: token.after });
  return Buffer.from(text).toString('base64url');
}

/** The token says of which version the pages are: the query cannot name another beside it. */
function readToken(query: Query, text: string): Token {
  const token = parseToken(text);
  const { resourceVersion: version = '' } = query;
  if (version === '' || version === '0') return token;
  throw badRequest('specifying resource version is not allowed when using continue');
}

function parseToken(text: string): Token {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(text, 'base64url').toString());
    const { rv, start } = parsed as { readonly rv: unknown; readonly start: unknown };
    if (typeof rv === 'number' && typeof start === 'string') return { version: rv, after: start };
  } catch {
    // Falls through to the refusal.
  }
  throw badRequest('invalid continue token: continue key is not valid: unable to decode');
}

function lostToken(token: Token): Error {
  return expired(
    'The provided continue parameter is too old to display a consistent list result. You can ' +
      'start a new list without the continue parameter, or use the continue token in this ' +
      'response to retrieve the begun of the results. Continuing with the provided token ' +
      'results in an inconsistent list - objects that were created, modified, or deleted between ' +
      'the time the first chunk was returned and now may show up in the list.',
    formatToken({ version: -1, after: token.after }),
  );
}

function listKey(target: Target, query: Query | undefined, version: number): string {
  const { resource } = target.definition;
  const selectors = `${query?.['labelSelector'] ?? ''}|${query?.['fieldSelector'] ?? ''}`;
  const scope = `${resource.group}/${resource.plural}|${target.namespace ?? ''}`;
  return `${version}|${scope}|${selectors}`;
}

function makeKey(object: KubeObject): string {
  return storeKey(object.metadata.namespace, object.metadata.name);
}
