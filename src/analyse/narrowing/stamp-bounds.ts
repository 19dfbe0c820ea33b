/**
 * When a server stamp was written, in run time. A stamp is floored to its second and comes from
 * another clock, so it is an interval; it says when the change was written down by its writer,
 * which is not after the commit but may be well before it.
 */

import { SECOND } from '../../core/duration.ts';
import type { Run } from '../../record/run.ts';
import { type OffsetCurve, offsetCurves } from '../clocks/offset-curve.ts';

/** Run times between which something happened. */
export interface Bounds {
  readonly lo: number;
  readonly hi: number;
}

export interface StampBounds {
  /** Whether any clock of the run was bounded. */
  readonly isEmpty: boolean;
  /**
   * When the stamp was written that was seen at `atUs`; undefined where nothing is known of its
   * clock. `clock` is an index into the run's clocks, undefined for the API server's.
   */
  of(seconds: number, clock: number | undefined, atUs: number): Bounds | undefined;
  /** When the API server stamped the creation of an object, which is before admission. */
  ofCreation(object: number): Bounds | undefined;
  /** Clocks that write alike: all nodes are one class. */
  classOf(clock: number | undefined): string;
}

const API_SERVER = 'apiserver';

/** No event is later than this, as far as steps of its clock matter. */
const LATEST_US = 60 * SECOND;

export function stampBounds({ anchors, clocks, offsets, objects }: Run): StampBounds {
  const curves = offsetCurves(offsets);
  const names = new Map(clocks.map(({ c, name }) => [c, name]));
  const byIndex = new Map<number | undefined, OffsetCurve | undefined>([
    [undefined, curves.get(API_SERVER)],
    ...clocks.map(({ c, name }) => [c, curves.get(name)] as const),
  ]);
  const unixOfRun = (atUs: number) => {
    const anchor = anchors.findLast(({ t }) => t <= atUs) ?? anchors[0];
    return anchor === undefined ? 0 : anchor.wall - anchor.t;
  };
  const of: StampBounds['of'] = (seconds, clock, atUs) => {
    const curve = byIndex.get(clock);
    if (curve === undefined) return undefined;
    const offset = curve.between(atUs - LATEST_US, atUs);
    const writtenUs = seconds * SECOND - unixOfRun(atUs);
    return { lo: writtenUs - offset.hi, hi: writtenUs + SECOND - offset.lo };
  };
  return {
    isEmpty: curves.size === 0,
    of,
    ofCreation(object) {
      const seconds = objects.createdSeconds(object);
      return seconds === undefined ? undefined : of(seconds, undefined, objects.seen(object).atUs);
    },
    classOf(clock) {
      const name = clock === undefined ? API_SERVER : (names.get(clock) ?? '');
      return name.startsWith('node/') ? 'node' : name;
    },
  };
}
