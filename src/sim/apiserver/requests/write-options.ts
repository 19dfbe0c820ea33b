/** What a write says of itself beside its body: query parameters, and who sends it. */

import { hasFlag } from '../core/query.ts';
import type { ApiRequest } from '../../../api/transport.ts';
import type { User } from '../authorization/user.ts';
import { checkWriteOptions } from './option-checks.ts';

export const APPLY_PATCH = 'application/apply-patch+yaml';

/** A request as the server takes it: with what only a wire knows of the client. */
export interface ServerRequest extends ApiRequest {
  readonly client?: ClientFacts;
  /** The media types that the client takes; undefined where it does not say. */
  readonly accept?: string | undefined;
  /** When it came, as a metav1.Time, where it was held up since; now where it is absent. */
  readonly arrived?: string;
}

export interface ClientFacts {
  /** Names the field manager where the request names none. */
  readonly userAgent: string;
  readonly user?: User;
  /** Fields that the text of the body names twice. */
  readonly duplicates?: readonly string[];
  /** Sends a warning along with the answer. */
  warn(message: string): void;
}

export interface WriteOptions {
  /** Only asks what would happen. */
  readonly dryRun: boolean;
  /** To whom changed fields are credited; undefined keeps no account. */
  readonly manager: string | undefined;
  /** Apply takes fields from other managers instead of giving up. */
  readonly force: boolean;
  /** What unknown fields are: nothing, a warning, or an error. */
  readonly validation: 'Unchecked' | 'Ignore' | 'Warn' | 'Strict';
  readonly warn: (message: string) => void;
  readonly duplicates: readonly string[];
  /** The age of what is created; now where it is undefined. */
  readonly arrived: string | undefined;
}

const SILENT: WriteOptions['warn'] = () => {};

/** Of a client in this process that says nothing: it is trusted, and no account is kept. */
export const PLAIN_WRITE: WriteOptions = {
  dryRun: false,
  manager: undefined,
  force: false,
  validation: 'Unchecked',
  warn: SILENT,
  duplicates: [],
  arrived: undefined,
};

export function readWriteOptions({
  method,
  contentType,
  query,
  client,
  arrived,
}: ServerRequest): WriteOptions {
  if (client === undefined && query === undefined) {
    return arrived === undefined ? PLAIN_WRITE : { ...PLAIN_WRITE, arrived };
  }
  const applies = contentType === APPLY_PATCH;
  if (query) checkWriteOptions(OPTIONS_KIND[method] ?? 'PatchOptions', query, applies);
  const named = query?.['fieldManager'];
  return {
    dryRun: Boolean(query?.['dryRun']),
    manager: named || (client && !applies ? defaultManager(client.userAgent) : undefined),
    force: hasFlag(query, 'force'),
    validation: parseValidation(query?.['fieldValidation'], client !== undefined),
    warn: client?.warn ?? SILENT,
    duplicates: client?.duplicates ?? [],
    arrived,
  };
}

const OPTIONS_KIND: Readonly<Record<string, 'CreateOptions' | 'UpdateOptions'>> = {
  POST: 'CreateOptions',
  PUT: 'UpdateOptions',
};

/** The program's name, as apiserver handlers/create.go takes it from the user agent. */
function defaultManager(userAgent: string): string {
  return userAgent.split('/')[0]?.slice(0, 128) || 'unknown';
}

function parseValidation(value: string | undefined, wire: boolean): WriteOptions['validation'] {
  if (value === 'Ignore' || value === 'Warn' || value === 'Strict') return value;
  return wire ? 'Warn' : 'Unchecked';
}
