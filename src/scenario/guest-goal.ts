/** What a step waits for of guests, beyond what the cluster says of them: an address, an answer. */

import { z } from 'zod';
import type { Test } from '../catalogue/tests.ts';
import type { Path } from './path.ts';
import { namesIn } from './placeholder.ts';
import type { Report } from './problem.ts';

const ip = z.literal(true).describe("The VMI's network interface has an address.");

const tcp = z
  .int()
  .min(1)
  .max(65_535)
  .meta({ examples: [22] })
  .describe('The guest takes a connection to this port, from where bench runs.');

const http = z
  .string()
  .regex(/^https?:\/\/[^\s]+$/)
  .meta({ title: 'URL', examples: ['http://{{ip}}:8080/healthz'] })
  .describe('A GET is answered with a status from 200 to 399, from where bench runs.');

export const guestFields = {
  ip: ip.optional(),
  tcp: tcp.optional(),
  http: http.optional(),
} as const;

/** Of a step that starts VMs: exactly one of them. */
export const guestGoal = z
  .strictObject(guestFields)
  .meta({ title: 'guest goal', examples: ['{ ip: true }', '{ tcp: 22 }', '{ http: URL }'] })
  .describe('What the guest shows, where its image has no guest agent.');

export interface GuestFields {
  readonly ip?: true | undefined;
  readonly tcp?: number | undefined;
  readonly http?: string | undefined;
}

/** Tests of all fields that are given, in the order of this file. */
export function guestTests(fields: GuestFields, path: Path, report: Report): readonly Test[] {
  const { ip: address, tcp: port, http: url } = fields;
  if (url !== undefined) checkUrl(url, [...path, 'http'], report);
  return [
    ...(address === undefined ? [] : [{ is: 'ip' } as const]),
    ...(port === undefined ? [] : [{ is: 'tcp', port } as const]),
    ...(url === undefined ? [] : [{ is: 'http', url } as const]),
  ];
}

/** It names the guest and nobody else, and holds no secret: histories and reports repeat it. */
function checkUrl(url: string, path: Path, report: Report): void {
  const remedy = 'write it like http://{{ip}}:8080/healthz';
  const strange = namesIn(url).find((name) => name !== 'ip');
  if (strange !== undefined) {
    report(path, `placeholder {{${strange}}} is left unresolved`, 'only {{ip}} is known here');
  } else if (!/^https?:\/\/\[?\{\{ip\}\}\]?(:\d+)?([/?]|$)/.test(url)) {
    report(path, "does not ask the guest: its host has to be the guest's address", remedy);
  } else if (!URL.canParse(url.replace(/\[?\{\{ip\}\}\]?/, '192.0.2.1'))) {
    report(path, 'is no address', remedy);
  }
}
