/**
 * What a PersistentVolumeClaim must say, and what of it may change afterwards (kubernetes core
 * validation.go, ValidatePersistentVolumeClaimUpdate). The real server appends to a refused change
 * the difference as Go prints it; this one does not.
 */

import type { KubeObject } from '../../../api/object.ts';
import { CLAIMS } from '../../../api/resources.ts';
import { parseBytes } from '../../../core/bytes.ts';
import { sameJson } from '../../../core/json.ts';
import type { AdmissionRule } from '../registry/admission.ts';
import {
  fieldForbidden,
  fieldInvalid,
  fieldRequired,
  fieldUnsupported,
  type StatusCause,
} from '../core/refusal.ts';

export const CLAIM_RULE: AdmissionRule = {
  resource: CLAIMS,
  validate: (claim, old) => {
    // Writes to status and metadata leave the spec as it is: nobody has to look at it again.
    if (old !== undefined && claim.spec === old.spec) return undefined;
    const spec = readSpec(claim);
    return [...specCauses(spec), ...(old ? changeCauses(spec, old) : [])];
  },
};

interface ClaimSpec {
  readonly accessModes?: readonly string[];
  readonly resources?: { readonly requests?: Readonly<Record<string, string | number>> };
  readonly storageClassName?: string;
  readonly volumeMode?: string;
  readonly volumeName?: string;
}

function readSpec({ spec }: KubeObject): ClaimSpec {
  return (spec ?? {}) as ClaimSpec;
}

const MODES = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod'];

function specCauses(spec: ClaimSpec): readonly StatusCause[] {
  const modes = spec.accessModes ?? [];
  const causes: StatusCause[] = [];
  if (modes.length === 0) {
    causes.push(fieldRequired('spec.accessModes', 'at least 1 access mode is required'));
  }
  for (const mode of modes) {
    if (!MODES.includes(mode)) causes.push(fieldUnsupported('spec.accessModes', mode, MODES));
  }
  if (modes.includes('ReadWriteOncePod') && modes.length > 1) {
    const detail = 'may not use ReadWriteOncePod with other access modes';
    causes.push(fieldForbidden('spec.accessModes', detail));
  }
  const storage = spec.resources?.requests?.['storage'];
  if (storage === undefined) causes.push(fieldRequired(STORAGE, ''));
  else if (!isPositive(storage)) {
    causes.push(fieldInvalid(STORAGE, String(storage), 'must be greater than zero'));
  }
  return causes;
}

const STORAGE = 'spec.resources[storage]';

/** What is no number at all is not for this check. */
function isPositive(amount: string | number): boolean {
  return !String(amount).startsWith('-') && parseBytes(amount) !== 0;
}

const IMMUTABLE = 'spec is immutable after creation except resources.requests for bound claims';

function changeCauses(spec: ClaimSpec, old: KubeObject): readonly StatusCause[] {
  const before = readSpec(old);
  const status = old.status as { readonly phase?: string } | undefined;
  const bound = status?.phase === 'Bound';
  const causes: StatusCause[] = [];
  if (!sameJson(fixedPart(spec, before, bound), before)) {
    causes.push(fieldForbidden('spec', IMMUTABLE));
  }
  if (spec.volumeMode !== before.volumeMode) {
    causes.push(fieldInvalid('volumeMode', spec.volumeMode ?? null, 'field is immutable'));
  }
  const [now, then] = [parseRequestedBytes(spec), parseRequestedBytes(before)];
  if (now !== undefined && then !== undefined && now < then) {
    const detail = 'field can not be less than previous value';
    causes.push(fieldForbidden('spec.resources.requests.storage', detail));
  }
  return causes;
}

/** The new spec, with the old one's values where a change is allowed or is none. */
function fixedPart(spec: ClaimSpec, before: ClaimSpec, bound: boolean): ClaimSpec {
  const fixed: Record<string, unknown> = { ...spec };
  // A claim is bound once, and is given its class once.
  if (!before.volumeName) takeFrom(before, fixed, 'volumeName');
  if (before.storageClassName === undefined) takeFrom(before, fixed, 'storageClassName');
  const requests = spec.resources?.requests;
  if (requests && (bound || parseRequestedBytes(spec) === parseRequestedBytes(before))) {
    const kept = { ...requests, storage: before.resources?.requests?.['storage'] };
    fixed['resources'] = { ...spec.resources, requests: kept };
  }
  return fixed as ClaimSpec;
}

function takeFrom(from: ClaimSpec, to: Record<string, unknown>, key: keyof ClaimSpec): void {
  if (from[key] === undefined) delete to[key];
  else to[key] = from[key];
}

function parseRequestedBytes({ resources }: ClaimSpec): number | undefined {
  const amount = resources?.requests?.['storage'];
  return amount === undefined ? undefined : parseBytes(amount);
}
