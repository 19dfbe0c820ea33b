/** How single values are written in a scenario file: durations, sizes, shares, names. */

import { z } from 'zod';
import { parseBytes } from './bytes.ts';
import { parseDuration } from './duration.ts';

/** `30s`, `1h30m`; integer microseconds inside. */
export const duration = durationLike(/^(\d+(\.\d+)?(us|ms|s|m|h|d))+$/, 'duration');

/** A duration longer than nothing. */
export const period = durationLike(
  /^(?!(0+(\.0+)?(us|ms|s|m|h|d))+$)(\d+(\.\d+)?(us|ms|s|m|h|d))+$/,
  'duration above zero',
);

function durationLike(pattern: RegExp, title: string) {
  return z
    .string()
    .regex(pattern, { abort: true })
    .refine((text) => parseDuration(text) !== undefined, 'a duration is at most ten years')
    .meta({ title, examples: ['30s', '1h30m'] })
    .transform((text) => parseDuration(text) ?? 0);
}

/** `22Gi`; the text goes into manifests, so it is kept beside the bytes. */
export const quantity = z
  .string()
  .regex(/^(?!0+(\.0+)?(k|M|G|T|P|Ki|Mi|Gi|Ti|Pi)?$)\d+(\.\d+)?(k|M|G|T|P|Ki|Mi|Gi|Ti|Pi)?$/)
  .meta({ title: 'size', examples: ['22Gi', '4377Mi'] })
  .transform((text) => ({ text, bytes: parseBytes(text) ?? 0 }));

/** `0.95` or `95%`; a number from 0 to 1 inside. */
export const share = z.union([
  z.number().min(0).max(1),
  z
    .string()
    .regex(/^(100(\.0+)?|\d{1,2}(\.\d+)?)%$/)
    .meta({ title: 'share', examples: ['95%'] })
    .transform((text) => Number(text.slice(0, -1)) / 100),
]);

/** Operations a second: `2.5`, `10/s`, `90/m`. */
export const rate = z.union([
  z.number().positive(),
  z
    .string()
    .regex(/^(?!0+(\.0+)?\/)\d+(\.\d+)?\/[smh]$/)
    .meta({ title: 'rate', examples: ['10/s', '90/m'] })
    .transform(perSecond),
]);

export const count = z.number().int().min(1).max(1_000_000);

/** A DNS-1123 label: names of objects and keys that become part of them. */
export const label = z
  .string()
  .regex(/^(?=.{1,63}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?$/)
  .meta({ title: 'DNS-1123 label', examples: ['rhel9'] });

/** A value of a label that is also a folder's name, and nothing that a shell expands. */
export const LABEL_VALUE = /^(?=.{1,63}$)[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/;

/** A DNS-1123 subdomain, as most Kubernetes names. */
export const subdomain = z
  .string()
  .regex(/^(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/)
  .meta({ title: 'DNS-1123 name', examples: ['rhel9-snap'] });

function perSecond(text: string): number {
  const [amount = '', unit] = text.split('/');
  return Number(amount) / (unit === 'h' ? 3600 : unit === 'm' ? 60 : 1);
}
