/**
 * What the server fills in and refuses of a CustomResourceDefinition before it is stored
 * (apiextensions v1/defaults.go, validation/validation.go, without the finer rules).
 */

import type { KubeObject } from '../../../api/object.ts';
import type { AdmissionRule } from '../registry/admission.ts';
import { DEFINITIONS } from '../kinds/stored-kinds.ts';
import { fieldInvalid, fieldRequired, type StatusCause } from '../core/refusal.ts';
import type { CustomResourceDefinition, DefinedNames } from './definitions.ts';
import { structuralCauses } from './json-schema.ts';

export const DEFINITION_RULE: AdmissionRule = {
  resource: DEFINITIONS,
  mutate: (object) => (isShaped(object) ? withDefaults(object) : object),
  validate: (object, old) => (isShaped(object) ? listCauses(object, old) : [NO_SPEC]),
};

const NO_SPEC = fieldRequired('spec', 'group, names, scope and versions');

type Tree = Readonly<Record<string, unknown>>;

/** Whether there is enough to read: the schema of the kind has seen to the types. */
function isShaped(object: KubeObject): object is CustomResourceDefinition {
  const spec = object.spec as Partial<CustomResourceDefinition['spec']> | undefined;
  return typeof spec?.names?.kind === 'string' && Array.isArray(spec.versions);
}

function withDefaults(object: CustomResourceDefinition): KubeObject {
  const { names, ...spec } = object.spec;
  const { kind, singular, listKind }: Partial<DefinedNames> = names;
  const named = {
    ...names,
    singular: singular ?? names.kind.toLowerCase(),
    listKind: listKind ?? `${kind}List`,
  };
  return { ...object, spec: { conversion: { strategy: 'None' }, ...spec, names: named } };
}

function listCauses(object: CustomResourceDefinition, old: KubeObject | undefined): StatusCause[] {
  const { group, scope, names, versions } = object.spec;
  const causes: StatusCause[] = [];
  const need = (field: string, value: unknown) => {
    if (value === undefined || value === '') causes.push(fieldRequired(`spec.${field}`, ''));
  };
  need('group', group);
  need('scope', scope);
  need('names.plural', names.plural);
  need('names.kind', names.kind);
  const name = `${names.plural}.${group}`;
  if (object.metadata.name !== name) {
    const detail = `must be spec.names.plural+"."+spec.group`;
    causes.push(fieldInvalid('metadata.name', object.metadata.name, detail));
  }
  if (versions.filter(({ storage }) => storage).length !== 1) {
    const detail = 'must have exactly one version marked as storage version';
    causes.push(fieldInvalid('spec.versions', versions.map(formatName), detail));
  }
  if (!versions.some(({ served }) => served)) {
    const detail = 'must have at least one version marked as served';
    causes.push(fieldInvalid('spec.versions', versions.map(formatName), detail));
  }
  versions.forEach(({ schema }, i) => {
    const path = `spec.versions[${i}].schema.openAPIV3Schema`;
    causes.push(...structuralCauses(schema?.openAPIV3Schema, path));
  });
  return [...causes, ...immutableCauses(object, old)];
}

function formatName({ name }: { readonly name: string }): string {
  return name;
}

function immutableCauses(object: CustomResourceDefinition, old: KubeObject | undefined) {
  const before = old?.spec as (Tree & { readonly names?: Tree }) | undefined;
  if (!before) return [];
  const { group, scope } = object.spec;
  const changed = [
    ['group', group, before['group']],
    ['scope', scope, before['scope']],
  ].filter(([, now, then]) => now !== then);
  return changed.map(([field, now]) =>
    fieldInvalid(`spec.${String(field)}`, now, 'field is immutable'),
  );
}
