/**
 * Constants of the servers that nodes run on. They matter only where a scenario takes power from
 * one, and only such results list them.
 */

import { calibrated, duration, number } from './definition.ts';

export const hosts = {
  bootTime: duration('4m', calibrated('firmware, operating system and kubelet of a server')),
  variation: number(0.1, 'coefficient of variation', calibrated('servers are not all alike')),
};
