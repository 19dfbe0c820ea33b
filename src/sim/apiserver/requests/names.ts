/** Which names objects may have (apimachinery util/validation). */

import type { KindDefinition } from '../kinds/definition.ts';
import { fieldInvalid, invalid } from '../core/refusal.ts';

const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const SUBDOMAIN_RULE =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or " +
  "'.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used " +
  "for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const LABEL_RULE =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and " +
  "must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex " +
  "used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";

/** Refuses (422) a name that the kind may not have. */
export function checkName(definition: KindDefinition, name: string): void {
  const { resource } = definition;
  if (resource.group.startsWith('rbac.')) return;
  const isLabel = resource.plural === 'namespaces';
  const longest = isLabel ? 63 : 253;
  if (name.length > longest) {
    const detail = `must be no more than ${longest} characters`;
    throw invalid(resource, name, [fieldInvalid('metadata.name', name, detail)]);
  }
  if ((isLabel ? LABEL : SUBDOMAIN).test(name)) return;
  const detail = isLabel ? LABEL_RULE : SUBDOMAIN_RULE;
  throw invalid(resource, name, [fieldInvalid('metadata.name', name, detail)]);
}
