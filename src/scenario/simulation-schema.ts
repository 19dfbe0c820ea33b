/**
 * The `simulation` section: the hardware and the limits of the embedded cluster. Its groups are
 * generated from the table of constants, so each constant can be asked "what if".
 */

import { z } from 'zod';
import type { Parameter } from '../parameters/definition.ts';
import { GUEST_PROFILES, type GuestProfileName } from '../parameters/guests.ts';
import { PARAMETER_GROUPS } from '../parameters/parameters.ts';
import { STORAGE_KINDS } from '../parameters/storage-kinds.ts';
import { DEFAULT_RELEASE, RELEASE_CONTENTS, RELEASES } from '../parameters/release.ts';
import { formatDuration } from '../core/duration.ts';
import { formatQuantity } from '../core/bytes.ts';
import { faults } from '../parameters/faults-schema.ts';
import { duration, label, quantity, share } from '../core/values.ts';

const profileNames = Object.keys(GUEST_PROFILES) as [GuestProfileName, ...GuestProfileName[]];

const customGuest = z.strictObject({
  firmware: duration.describe('Power-on to boot loader.'),
  cpu: duration.describe('Computing on an idle node.'),
  read: quantity.describe('Read from the root disk.'),
  write: quantity.describe('Written to the root disk, each byte for the first time.'),
  services: duration.describe('Waiting for services until the guest agent reports.'),
  osName: z.string().default('Linux').describe('What the guest agent reports.'),
});

const simulatedImage = z.strictObject({
  guest: z
    .union([z.enum([...profileNames, 'none']), customGuest])
    .default('rhel9')
    .describe('What boots from the image: a profile, its own figures, or none.'),
  data: quantity.optional().describe('Bytes in use on the image. Default: 4377Mi, or its size.'),
  agent: z.boolean().default(true).describe('Whether it has the guest agent.'),
  listens: z
    .record(z.string().regex(/^[1-9][0-9]{0,4}$/), duration)
    .optional()
    .describe(
      'Ports that its own services take connections at, and how long after the boot they do: ' +
        '{ 8080: 4s }. Beside those of the profile: 22 of rhel9, 3389 of windows11.',
    ),
});

export type SimulatedImageDocument = z.infer<typeof simulatedImage>;

const twin = z
  .strictObject({
    runs: z.array(z.string()).min(1).describe('The runs that constants were fitted to.'),
    cluster: z.string().describe('Where those were made.'),
    within: z
      .record(z.string(), share)
      .default({})
      .describe('By metric: how far off a held-out part of the runs was predicted.'),
    unseen: z
      .array(z.string())
      .default([])
      .describe('What the simulated cluster counts and never did in these runs: flattens.'),
    guessed: z
      .array(z.string())
      .default([])
      .describe('What it counts whose constants these runs do not tell.'),
  })
  .describe('What bench calibrate fitted the constants to; every result names it.');

export const simulation = z
  .strictObject({
    environment: z
      .string()
      .regex(/^[A-Za-z0-9]([-A-Za-z0-9._]*[A-Za-z0-9])?$/)
      .meta({ title: 'name', examples: ['article'] })
      .default('article')
      .describe('Names the simulated hardware; results of different names are not compared.'),
    release: z
      .enum(RELEASES)
      .default(DEFAULT_RELEASE)
      .describe(`What the controllers behave like. ${releaseTexts()}`),
    storage: z
      .enum(STORAGE_KINDS)
      .default('rbd')
      .describe('What volumes are kept on: Ceph, or disks of the nodes, bound on first use.'),
    lab: z
      .enum(['ready', 'bare'])
      .default('ready')
      .describe(
        'What is there at the start: all operators and storage, or nodes with empty disks and OLM.',
      ),
    seed: z.number().int().min(0).optional().describe('Of all randomness. Default: 1.'),
    images: z
      .record(label, simulatedImage)
      .prefault({})
      .describe("What the scenario's images hold, by key."),
    faults: faults.optional(),
    twin: twin.optional(),
    ...groupFields(),
  })
  .describe('The embedded cluster; a real one ignores this section.');

function releaseTexts(): string {
  return RELEASES.map((release) => `${release}: ${RELEASE_CONTENTS[release]}.`).join(' ');
}

/** A field for each group of constants, in order of name, with a field for each constant. */
function groupFields(): Record<string, ReturnType<typeof groupField>> {
  const groups = Object.entries(PARAMETER_GROUPS).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(
    groups.map(([group, parameters]) => [group, groupField(group, parameters)]),
  );
}

function groupField(group: string, parameters: Readonly<Record<string, Parameter>>) {
  const fields = Object.entries(parameters).map(([key, parameter]) => [
    key,
    parameterField(parameter),
  ]);
  return z
    .strictObject(Object.fromEntries(fields) as Record<string, ReturnType<typeof parameterField>>)
    .optional()
    .describe(`Constants of: ${group}.`);
}

function parameterField(parameter: Parameter): z.ZodType<number | undefined> {
  const { provenance, source } = parameter;
  const value = `${describeUnit(parameter)}; default ${defaultText(parameter)}`;
  return valueField(parameter).optional().describe(`${value} (${provenance}: ${source}).`);
}

function valueField(parameter: Parameter): z.ZodType<number> {
  if (parameter.type === 'duration') return duration;
  if (parameter.type === 'bytes') return quantity.transform((amount) => amount.bytes);
  if (parameter.unit === 'coefficient of variation') return z.number().min(0).max(10);
  if (parameter.unit.startsWith('of the ')) return z.number().positive().max(1);
  return isRatio(parameter.unit) ? z.number().positive() : z.number().int().min(1);
}

/** Rates and ratios may be fractions; all else is counted. */
function isRatio(unit: string): boolean {
  return /^1\/s|\/s$|per CPU|^reads$|^ratio$/.test(unit);
}

function describeUnit(parameter: Parameter): string {
  return parameter.type === 'number' ? parameter.unit : parameter.type;
}

function defaultText(parameter: Parameter): string {
  if (parameter.type === 'duration') return formatDuration(parameter.value);
  return parameter.type === 'bytes' ? formatQuantity(parameter.value) : String(parameter.value);
}
