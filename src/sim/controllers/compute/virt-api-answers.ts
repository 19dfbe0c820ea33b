/** The answers of KubeVirt's aggregated API; every failure is a v1 Status. */

import type { StatusDetails } from '../../../api/object.ts';
import { failure } from '../../../api/status.ts';

export interface Answer {
  readonly status: number;
  readonly body: unknown;
  /** Lower-case names. */
  readonly headers?: Readonly<Record<string, string>>;
}

export const VERSION = {
  gitVersion: 'v1.1.1',
  gitCommit: '',
  gitTreeState: 'clean',
  buildDate: '',
  goVersion: '',
  compiler: '',
  platform: 'linux/amd64',
};

/** 202 without a body, whatever the OpenAPI document of KubeVirt claims. */
export function accepted(): Answer {
  return { status: 202, body: undefined };
}

export function conflict(name: string, cause: string, kind = 'virtualmachine'): Answer {
  const message = `Operation cannot be fulfilled on ${kind}.kubevirt.io "${name}": ${cause}`;
  return failed(409, 'Conflict', message, { name, group: 'kubevirt.io', kind });
}

export function notFound(message: string): Answer {
  return failed(404, 'NotFound', message);
}

export function badRequest(message: string): Answer {
  return failed(400, 'BadRequest', message);
}

/** A route that KubeVirt has and nothing here stands behind. */
export function notSimulated(action: string): Answer {
  const message =
    `simulated: ${action} is not imitated; start, stop, restart, migrate, addvolume, ` +
    '(un)pause and (un)freeze are';
  return failed(501, 'NotImplemented', message);
}

export function internalError(cause: string): Answer {
  const message = `Internal error occurred: ${cause}`;
  return failed(500, 'InternalError', message, { causes: [{ message: cause }] });
}

function failed(code: number, reason: string, message: string, details?: StatusDetails): Answer {
  return { status: code, body: failure(code, reason, message, details) };
}
