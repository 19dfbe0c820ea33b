/**
 * Objects that were created and have not been seen yet, so that a second look does not create a
 * second one (client-go's ControllerExpectations). An expectation lapses after five minutes.
 */

import type { Clock } from '../../../core/clock.ts';
import { MINUTE } from '../../../core/duration.ts';

export interface Expectations {
  /** `key` has created the object of this UID; call it only while no informer has seen it. */
  expect(key: string, uid: string): void;
  /** The answer to a creation was lost: for so long it may still turn up. */
  expectPerhaps(key: string, forUs: number): void;
  seen(uid: string): void;
  isPending(key: string): boolean;
}

const LAPSE_US = 5 * MINUTE;

export function createExpectations(clock: Clock): Expectations {
  const keyOfUid = new Map<string, string>();
  const pending = new Map<string, { readonly uid: string; readonly lapsesUs: number }>();
  return {
    expect(key, uid) {
      keyOfUid.set(uid, key);
      pending.set(key, { uid, lapsesUs: clock.nowUs() + LAPSE_US });
    },
    expectPerhaps(key, forUs) {
      pending.set(key, { uid: '', lapsesUs: clock.nowUs() + forUs });
    },
    seen(uid) {
      const key = keyOfUid.get(uid);
      if (key === undefined) return;
      keyOfUid.delete(uid);
      if (pending.get(key)?.uid === uid) pending.delete(key);
    },
    isPending(key) {
      const entry = pending.get(key);
      return entry !== undefined && entry.lapsesUs > clock.nowUs();
    },
  };
}
