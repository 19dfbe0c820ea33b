/** What labels, annotations and finalizers may be (apimachinery api/validation). */

import type { ObjectMeta } from '../../../api/object.ts';
import type { KindDefinition } from '../kinds/definition.ts';
import { fieldInvalid, invalid, type StatusCause } from '../core/refusal.ts';
import type { Mutable } from '../registry/store.ts';

/** Leaves out collections with nothing in them, as Go does with omitempty. */
export function dropEmpty(metadata: Mutable<ObjectMeta>): void {
  if (isEmpty(metadata.labels)) delete metadata.labels;
  if (isEmpty(metadata.annotations)) delete metadata.annotations;
  if (isEmpty(metadata.finalizers)) delete metadata.finalizers;
  if (isEmpty(metadata.ownerReferences)) delete metadata.ownerReferences;
}

/** There, but with nothing in it. */
function isEmpty(collection: object | undefined): boolean {
  if (collection === undefined) return false;
  for (const _ in collection) return false;
  return true;
}

/** Refuses (422) all that is wrong at once. */
export function checkMetadata({ resource, custom }: KindDefinition, metadata: ObjectMeta): void {
  const causes = [
    ...labelCauses(metadata.labels ?? {}),
    ...Object.keys(metadata.annotations ?? {}).flatMap((key) =>
      keyCauses('metadata.annotations', key.toLowerCase(), key),
    ),
    ...(metadata.finalizers ?? []).flatMap((finalizer, i) => finalizerCauses(custom, finalizer, i)),
  ];
  if (causes.length > 0) throw invalid(resource, metadata.name ?? '', causes);
}

const NAME = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;
const PREFIX = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const VALUE = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/;
const NAME_RULE =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end " +
  "with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for " +
  "validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const VALUE_RULE =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', " +
  "and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or " +
  "'12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
const PREFIX_RULE =
  'prefix part a lowercase RFC 1123 subdomain must consist of lower case alphanumeric ' +
  "characters, '-' or '.', and must start and end with an alphanumeric character (e.g. " +
  "'example.com', regex used for validation is " +
  "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const LENGTH_MAX = 63;
/** Finalizers without a domain that Kubernetes itself sets. */
const STANDARD_FINALIZERS = ['kubernetes', 'orphan', 'foregroundDeletion'];

function labelCauses(labels: Readonly<Record<string, string>>): readonly StatusCause[] {
  return Object.entries(labels).flatMap(([key, value]) => [
    ...keyCauses('metadata.labels', key, key),
    ...(value.length > LENGTH_MAX
      ? [fieldInvalid('metadata.labels', value, `must be no more than ${LENGTH_MAX} bytes`)]
      : []),
    ...(VALUE.test(value) ? [] : [fieldInvalid('metadata.labels', value, VALUE_RULE)]),
  ]);
}

/** `example.com/name`, or a name alone; `shown` as the client wrote it. */
function keyCauses(field: string, key: string, shown: string): readonly StatusCause[] {
  const slash = key.indexOf('/');
  const prefix = slash < 0 ? undefined : key.slice(0, slash);
  const name = key.slice(slash + 1);
  const causes: StatusCause[] = [];
  if (prefix !== undefined && !PREFIX.test(prefix)) {
    causes.push(fieldInvalid(field, shown, prefix === '' ? EMPTY_PREFIX : PREFIX_RULE));
  }
  if (name.length > LENGTH_MAX) {
    causes.push(fieldInvalid(field, shown, `name part must be no more than ${LENGTH_MAX} bytes`));
  }
  if (!NAME.test(name)) causes.push(fieldInvalid(field, shown, NAME_RULE));
  return causes;
}

const EMPTY_PREFIX = 'prefix part must be non-empty';

/** Custom kinds may have finalizers without a domain, as KubeVirt's VMIs do. */
function finalizerCauses(
  custom: boolean,
  finalizer: string,
  index: number,
): readonly StatusCause[] {
  const causes = keyCauses('metadata.finalizers', finalizer, finalizer);
  if (custom || finalizer.includes('/') || STANDARD_FINALIZERS.includes(finalizer)) return causes;
  const detail = 'name is neither a standard finalizer name nor is it fully qualified';
  return [...causes, fieldInvalid(`metadata.finalizers[${index}]`, finalizer, detail)];
}
