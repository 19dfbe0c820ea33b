/**
 * Options of requests that contradict themselves or do not exist: refused as a whole (422), before
 * anything is looked up (apimachinery meta/v1/validation, meta/internalversion/validation).
 */

import {
  badRequest,
  fieldForbidden,
  fieldInvalid,
  fieldRequired,
  fieldUnsupported,
  optionsInvalid,
  type StatusCause,
} from '../core/refusal.ts';

type Query = Readonly<Record<string, string>>;

type WriteKind = 'CreateOptions' | 'UpdateOptions' | 'PatchOptions';

const MANAGER_LENGTH_MAX = 128;

/** `applies`: the PATCH is an apply, which needs a manager and alone may be forced. */
export function checkWriteOptions(kind: WriteKind, query: Query, applies: boolean): void {
  const manager = query['fieldManager'] ?? '';
  const causes: StatusCause[] = [];
  if (kind === 'PatchOptions' && applies && manager === '') {
    causes.push(fieldRequired('fieldManager', 'is required for apply patch'));
  }
  if (kind === 'PatchOptions' && !applies && query['force'] !== undefined) {
    causes.push(fieldForbidden('force', 'may not be specified for non-apply patch'));
  }
  if (manager.length > MANAGER_LENGTH_MAX) {
    const message = `Too long: may not be more than ${MANAGER_LENGTH_MAX} bytes`;
    causes.push({ reason: 'FieldValueTooLong', message, field: 'fieldManager' });
  }
  causes.push(...dryRunCauses(query['dryRun'] ? [query['dryRun']] : []));
  const { fieldValidation = '' } = query;
  if (!VALIDATIONS.includes(fieldValidation)) {
    causes.push(fieldUnsupported('fieldValidation', fieldValidation, VALIDATIONS));
  }
  if (causes.length > 0) throw optionsInvalid(kind, causes);
}

const VALIDATIONS = ['', 'Ignore', 'Strict', 'Warn'];

export interface AskedDeletion {
  readonly propagationPolicy?: string;
  readonly orphanDependents?: boolean;
  readonly dryRun?: readonly string[];
}

export function checkDeleteOptions(asked: AskedDeletion): void {
  const { propagationPolicy: policy, orphanDependents, dryRun = [] } = asked;
  const causes: StatusCause[] = [];
  if (policy !== undefined && orphanDependents !== undefined) {
    const detail = 'orphanDependents and deletionPropagation cannot be both set';
    causes.push(fieldInvalid('propagationPolicy', policy, detail));
  } else if (policy !== undefined && !POLICIES.includes(policy)) {
    causes.push(fieldUnsupported('propagationPolicy', policy, [...POLICIES, 'nil']));
  }
  causes.push(...dryRunCauses(dryRun));
  if (causes.length > 0) throw optionsInvalid('DeleteOptions', causes);
}

const POLICIES = ['Foreground', 'Background', 'Orphan'];

/** Go prints the list of what was asked for. */
function dryRunCauses(values: readonly string[]): readonly StatusCause[] {
  if (values.every((value) => value === 'All')) return [];
  const list = values.map((value) => `"${value}"`).join(', ');
  const message = `Unsupported value: []string{${list}}: supported values: "All"`;
  return [{ reason: 'FieldValueNotSupported', message, field: 'dryRun' }];
}

/** Of a list, or of a watch; numbers that are none are refused with 400. */
export function checkListOptions(query: Query, watches: boolean): void {
  for (const name of ['limit', 'timeoutSeconds']) {
    const text = query[name];
    if (text === undefined || text === '' || Number.isSafeInteger(Number(text))) continue;
    throw badRequest(`strconv.ParseInt: parsing "${text}": invalid syntax`);
  }
  const causes = watches ? watchCauses(query) : listCauses(query);
  if (causes.length > 0) throw optionsInvalid('ListOptions', causes);
}

function listCauses(query: Query): readonly StatusCause[] {
  const { resourceVersionMatch: match = '', resourceVersion: version = '' } = query;
  const causes: StatusCause[] = [];
  const add = (detail: string) => causes.push(fieldForbidden('resourceVersionMatch', detail));
  if (match !== '') {
    const unless = 'resourceVersionMatch is forbidden unless resourceVersion is provided';
    if (version === '') add(unless);
    if (query['continue']) add(WITH_CONTINUE);
    if (!MATCHES.includes(match)) {
      causes.push(fieldUnsupported('resourceVersionMatch', match, [...MATCHES, '']));
    }
    if (match === 'Exact' && version === '0') {
      add('resourceVersionMatch "exact" is forbidden for resourceVersion "0"');
    }
  }
  if (query['sendInitialEvents'] !== undefined) {
    causes.push(fieldForbidden('sendInitialEvents', 'sendInitialEvents is forbidden for list'));
  }
  return causes;
}

const WITH_CONTINUE = 'resourceVersionMatch is forbidden when continue is provided';
const MATCHES = ['Exact', 'NotOlderThan'];

/** The form that lists by itself needs its companions, and no other watch may have them. */
function watchCauses(query: Query): readonly StatusCause[] {
  const { resourceVersionMatch: match = '', sendInitialEvents } = query;
  const causes: StatusCause[] = [];
  const add = (detail: string) => causes.push(fieldForbidden('resourceVersionMatch', detail));
  if (sendInitialEvents !== undefined && match !== 'NotOlderThan') {
    add('sendInitialEvents requires setting resourceVersionMatch to NotOlderThan');
  }
  if (sendInitialEvents === undefined && match !== '') {
    add('resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided');
  }
  if (match !== '' && match !== 'NotOlderThan') {
    causes.push(fieldUnsupported('resourceVersionMatch', match, ['NotOlderThan']));
  }
  if (match !== '' && query['continue']) add(WITH_CONTINUE);
  return causes;
}
