/** A request that the server answered with a failure; named by Kubernetes' own reasons. */

import type { Status } from '../api/object.ts';
import type { ApiResponse } from '../api/transport.ts';
import { AnswerError } from '../core/answer-error.ts';

export class ApiError extends AnswerError {
  override readonly name = 'ApiError';
  readonly code: number;
  /** `NotFound`, `AlreadyExists`, `Conflict`, ...; empty where the body was no Status. */
  readonly reason: string;
  readonly status: Status | undefined;
  /** From Retry-After or the Status; undefined where the server named none. */
  readonly retryAfterSeconds: number | undefined;
  readonly response: ApiResponse;

  constructor(response: ApiResponse, what: string) {
    const status = asStatus(response.body);
    super(`${what}: ${status?.message ?? `HTTP ${response.status}`}`);
    this.response = response;
    this.code = response.status;
    this.reason = status?.reason ?? '';
    this.status = status;
    this.retryAfterSeconds = retryAfter(response, status);
  }
}

export function isNotFound(error: unknown): boolean {
  return error instanceof ApiError && error.code === 404;
}

/** What the request gives; undefined where its object is not there. Throws any other error. */
export async function ignoreNotFound<T>(request: Promise<T>): Promise<T | undefined> {
  try {
    return await request;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

export function isForbidden(error: unknown): error is ApiError {
  return error instanceof ApiError && error.code === 403;
}

export function isAlreadyExists(error: unknown): boolean {
  return error instanceof ApiError && error.code === 409 && error.reason === 'AlreadyExists';
}

export function isConflict(error: unknown): boolean {
  return error instanceof ApiError && error.code === 409 && error.reason !== 'AlreadyExists';
}

/** 403: nothing new may be in a namespace that is being deleted. */
export function isTerminating(error: unknown): boolean {
  if (!isForbidden(error)) return false;
  const causes = error.status?.details?.causes ?? [];
  return causes.some(({ reason }) => reason === 'NamespaceTerminating');
}

/** 410: the asked resourceVersion or continue token is compacted away. */
export function isGone(error: unknown): boolean {
  return error instanceof ApiError && error.code === 410;
}

function asStatus(body: unknown): Status | undefined {
  const candidate = body as Status | undefined;
  return candidate?.kind === 'Status' ? candidate : undefined;
}

function retryAfter(response: ApiResponse, status: Status | undefined): number | undefined {
  const header = Number(response.headers?.['retry-after']);
  if (Number.isFinite(header)) return header;
  return status?.details?.retryAfterSeconds;
}
