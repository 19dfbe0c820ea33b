/**
 * Equal values kept once: ten thousand VMs of a few shapes have the same processors, devices and
 * requests in their VMIs and pods, and all objects here are frozen anyway.
 */

import { deepFreeze } from '../../../core/json.ts';

/** The one frozen instance of this value; the value itself once there are too many of them. */
export function shared<T extends object>(value: T): T {
  const key = JSON.stringify(value);
  const known = values.get(key);
  if (known) return known as T;
  const frozen = deepFreeze(value);
  if (values.size < VALUES_MAX) values.set(key, frozen);
  return frozen;
}

const values = new Map<string, object>();
const VALUES_MAX = 5_000;
