/** What metrics of a kind have in common. */

export const LATENCY = { unit: 'seconds', direction: 'lowerIsBetter' } as const;

export const NO_SIBLINGS = { response: undefined, longest: undefined, beyond: undefined } as const;

/** The same end as a latency of objects, from the intended start: it holds our own queueing too. */
export const RESPONSE = {
  ...LATENCY,
  ...NO_SIBLINGS,
  from: 'intendedStart',
  gate: 'never',
  slo: true,
} as const;

/** One value a wave: the longest of its latencies. */
export const LONGEST = {
  ...LATENCY,
  ...NO_SIBLINGS,
  subject: 'wave',
  from: 'firstSight',
  stages: undefined,
  gate: 'never',
  slo: true,
} as const;

/** Of the VMI that a boot leads to. */
export const BOOT = {
  ...LATENCY,
  subject: 'vmi',
  from: 'firstSight',
  stages: 'boot',
  gate: 'headline',
  slo: true,
} as const;

export const BOOT_RESPONSE = { ...RESPONSE, subject: 'vmi', stages: 'boot' } as const;
