/**
 * What of an entry nobody else should read is hidden before it is written: errors of importers
 * quote the address of an image as it was given, with its password or its token.
 */

import { hideAddressSecrets } from '../core/secrets.ts';
import type { Change, Entry } from './entry.ts';

export function withoutSecrets(entry: Entry): Entry {
  if (entry.e === 'end') {
    return entry.reason === undefined
      ? entry
      : { ...entry, reason: hideAddressSecrets(entry.reason) };
  }
  if (entry.e === 'tr') {
    if (!entry.c.some(([, value]) => value.includes('://'))) return entry;
    return { ...entry, c: entry.c.map(hideInChange) };
  }
  if (!('message' in entry) || entry.message === undefined) return entry;
  return { ...entry, message: hideAddressSecrets(entry.message) };
}

function hideInChange(change: Change): Change {
  const [name, value, ...stamp] = change;
  return [name, hideAddressSecrets(value), ...stamp] as Change;
}
