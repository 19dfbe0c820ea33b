/** From a CustomResourceDefinition to the kinds that it makes, one for each served version. */

import type { KubeObject } from '../../../api/object.ts';
import { custom, type KindDefinition, resource, type ScalePaths } from '../kinds/definition.ts';
import { type Column, type ColumnType, printerColumn } from '../table/column.ts';
import { rootSchema } from './json-schema.ts';

/** As the server has let it in: what it reads of it is known to be there. */
export interface CustomResourceDefinition extends KubeObject {
  readonly spec: {
    readonly group: string;
    readonly scope: 'Namespaced' | 'Cluster';
    readonly names: DefinedNames;
    readonly versions: readonly DefinedVersion[];
  };
  readonly status?: {
    readonly conditions?: readonly DefinitionCondition[];
    readonly acceptedNames?: DefinedNames;
    readonly storedVersions?: readonly string[];
  };
}

export interface DefinedNames {
  readonly plural: string;
  readonly singular: string;
  readonly kind: string;
  readonly listKind: string;
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
}

export interface DefinitionCondition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
  readonly lastTransitionTime: string;
}

interface DefinedVersion {
  readonly name: string;
  readonly served: boolean;
  readonly storage: boolean;
  readonly schema?: { readonly openAPIV3Schema?: object };
  readonly subresources?: { readonly status?: object; readonly scale?: DefinedScale };
  readonly additionalPrinterColumns?: readonly DefinedColumn[];
}

interface DefinedScale {
  readonly specReplicasPath: string;
  readonly statusReplicasPath: string;
  readonly labelSelectorPath?: string;
}

interface DefinedColumn {
  readonly name: string;
  readonly type: string;
  readonly jsonPath: string;
  readonly description?: string;
  readonly priority?: number;
}

/** The stored version first; it is known to the others even where it is not served itself. */
export function defineKinds({ spec }: CustomResourceDefinition): readonly KindDefinition[] {
  const stored = spec.versions.find(({ storage }) => storage);
  if (!stored) return [];
  const main = defineKind(spec, stored);
  const others = spec.versions
    .filter((version) => version.served && version !== stored)
    .map((version) => ({ ...defineKind(spec, version), storedAs: main }));
  return stored.served ? [main, ...others] : others;
}

function defineKind(
  { group, scope, names }: CustomResourceDefinition['spec'],
  version: DefinedVersion,
): KindDefinition {
  const { subresources, additionalPrinterColumns, schema } = version;
  const namespaced = scope === 'Namespaced' ? 'namespaced' : 'cluster';
  const scale = subresources?.scale;
  const { shortNames = [], categories = [] } = names;
  const root = rootSchema(schema?.openAPIV3Schema);
  // What a client sends of it is dropped; its default is what every reader sees from then on.
  const status = root.properties['status']?.default;
  return custom(resource(group, version.name, names.plural, names.kind, namespaced), {
    singular: names.singular,
    shortNames,
    categories,
    statusSubresource: subresources?.status !== undefined,
    schema: root,
    ...(status === undefined ? {} : { initialStatus: () => status }),
    openApi: schema?.openAPIV3Schema ?? { type: 'object' },
    ...(additionalPrinterColumns ? { columns: additionalPrinterColumns.map(toColumn) } : {}),
    ...(scale ? { subresources: ['scale'], scale: listPaths(scale) } : {}),
  });
}

function toColumn({ name, type, jsonPath, description, priority }: DefinedColumn): Column {
  const options = {
    type: type as ColumnType,
    wide: (priority ?? 0) > 0,
    ...(description === undefined ? {} : { description }),
  };
  try {
    return printerColumn(name, jsonPath, options);
  } catch {
    // A path of a form that we do not follow leads to nothing.
    return { ...printerColumn(name, '.', options), jsonPath, cell: () => null };
  }
}

function listPaths(scale: DefinedScale): ScalePaths {
  const steps = (path: string) => path.split('.').filter((step) => step !== '');
  const { specReplicasPath, statusReplicasPath, labelSelectorPath } = scale;
  return {
    replicas: steps(specReplicasPath),
    statusReplicas: steps(statusReplicasPath),
    selector: labelSelectorPath === undefined ? undefined : steps(labelSelectorPath),
  };
}
