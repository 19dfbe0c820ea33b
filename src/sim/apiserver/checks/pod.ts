/**
 * What of a pod may change once it is there (kubernetes core validation.go, ValidatePodUpdate).
 * Binding is no update: it has a subresource of its own. The real server appends to a refused
 * change the difference as Go prints it; this one does not.
 */

import { PODS } from '../../../api/resources.ts';
import { sameJson } from '../../../core/json.ts';
import type { AdmissionRule } from '../registry/admission.ts';
import { fieldForbidden, fieldInvalid, fieldRequired, type StatusCause } from '../core/refusal.ts';

export const POD_RULE: AdmissionRule = {
  resource: PODS,
  validate: (pod, old) => {
    // Most writes are to status: they leave the spec as it is.
    if (old !== undefined && pod.spec === old.spec) return undefined;
    const spec = (pod.spec ?? {}) as PodSpec;
    const missing = spec.containers?.length ? [] : [fieldRequired('spec.containers', '')];
    return [...missing, ...(old ? changeCauses(spec, (old.spec ?? {}) as PodSpec) : [])];
  },
};

interface PodSpec {
  readonly containers?: readonly Container[];
  readonly initContainers?: readonly Container[];
  readonly activeDeadlineSeconds?: number;
  readonly terminationGracePeriodSeconds?: number;
  readonly tolerations?: readonly Toleration[];
  readonly schedulingGates?: readonly object[];
}

interface Container {
  readonly image?: string;
}

interface Toleration {
  readonly tolerationSeconds?: number;
}

const IMMUTABLE =
  'pod updates may not change fields other than `spec.containers[*].image`,' +
  '`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` ' +
  '(only additions to existing tolerations),`spec.terminationGracePeriodSeconds` ' +
  '(allow it to be set to 1 if it was previously negative)';

function changeCauses(spec: PodSpec, before: PodSpec): readonly StatusCause[] {
  for (const key of ['containers', 'initContainers'] as const) {
    if ((spec[key]?.length ?? 0) === (before[key]?.length ?? 0)) continue;
    const detail = `pod updates may not add or remove containers`;
    return [fieldForbidden(`spec.${key}`, detail)];
  }
  const causes = [...deadlineCauses(spec, before), ...tolerationCauses(spec, before)];
  if (causes.length > 0) return causes;
  return sameJson(fixedPart(spec), fixedPart(before)) && graceMayBe(spec, before)
    ? []
    : [fieldForbidden('spec', IMMUTABLE)];
}

/** Without what may change, or has been looked at already. */
function fixedPart(spec: PodSpec): object {
  const {
    activeDeadlineSeconds: _deadline,
    terminationGracePeriodSeconds: _grace,
    tolerations: _tolerations,
    schedulingGates: _gates,
    ...rest
  } = spec;
  return {
    ...rest,
    containers: spec.containers?.map(withoutImage),
    initContainers: spec.initContainers?.map(withoutImage),
  };
}

function withoutImage(container: Container): object {
  const { image: _image, ...rest } = container;
  return rest;
}

function graceMayBe(spec: PodSpec, before: PodSpec): boolean {
  const [now, then] = [spec.terminationGracePeriodSeconds, before.terminationGracePeriodSeconds];
  const gates = before.schedulingGates ?? [];
  const fewer = (spec.schedulingGates ?? []).every((gate) =>
    gates.some((each) => sameJson(each, gate)),
  );
  return fewer && (now === then || (now === 1 && then !== undefined && then < 0));
}

function deadlineCauses(spec: PodSpec, before: PodSpec): readonly StatusCause[] {
  const [now, then] = [spec.activeDeadlineSeconds, before.activeDeadlineSeconds];
  if (then === undefined) return [];
  const field = 'spec.activeDeadlineSeconds';
  if (now === undefined) {
    const detail = 'must not update from a positive integer to nil value';
    return [fieldInvalid(field, 'null', detail)];
  }
  return now > then
    ? [fieldInvalid(field, now, 'must be less than or equal to previous value')]
    : [];
}

/** All that was tolerated has to stay tolerated, for however long. */
function tolerationCauses(spec: PodSpec, before: PodSpec): readonly StatusCause[] {
  const kept = (spec.tolerations ?? []).map(withoutSeconds);
  const all = (before.tolerations ?? [])
    .map(withoutSeconds)
    .every((old) => kept.some((each) => sameJson(each, old)));
  if (all) return [];
  const detail = 'existing toleration can not be modified except its tolerationSeconds';
  return [fieldForbidden('spec.tolerations', detail)];
}

function withoutSeconds(toleration: Toleration): object {
  const { tolerationSeconds: _seconds, ...rest } = toleration;
  return rest;
}
