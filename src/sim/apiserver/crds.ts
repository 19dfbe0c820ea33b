/** Custom kinds as CustomResourceDefinitions: to be listed here, or installed elsewhere. */

import type { KubeObject } from '../../api/object.ts';
import type { KindDefinition } from './kinds/definition.ts';
import { qualifiedResource } from './refusal.ts';
import type { ApiServer } from './server.ts';
import type { Column } from './table/column.ts';
import { openApiSchema } from './wire/openapi.ts';

/** Minimal, valid, and enough for controllers and kubectl. */
export function customResourceDefinition(definition: KindDefinition): KubeObject {
  const { resource, shortNames, categories, singular } = definition;
  const { group, version, plural, kind, namespaced } = resource;
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: qualifiedResource(resource), annotations: approval(group) },
    spec: {
      group,
      scope: namespaced ? 'Namespaced' : 'Cluster',
      names: { plural, singular, kind, listKind: `${kind}List`, shortNames, categories },
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          schema: { openAPIV3Schema: schemaOf(definition) },
          subresources: subresourcesOf(definition),
          additionalPrinterColumns: definition.columns.filter(isPrinted).map(printerColumnOf),
        },
      ],
    },
  };
}

/** Lists the custom kinds that the server has anyway, so that clients find them. */
export function seedCustomResourceDefinitions(server: ApiServer, time: string): void {
  for (const definition of server.registry.definitions) {
    if (!definition.custom) continue;
    const object = customResourceDefinition(definition);
    const kind = server.registry.ofKind(object.apiVersion, object.kind);
    if (!kind || server.peek(kind.resource, undefined, object.metadata.name)) continue;
    server.seed({ ...object, status: establishedStatus(definition, time) });
  }
}

/** What a running API server adds once it serves the kind. */
function establishedStatus(definition: KindDefinition, time: string): unknown {
  const { plural, kind, version } = definition.resource;
  const condition = (type: string, reason: string) => ({
    type,
    status: 'True',
    lastTransitionTime: time,
    reason,
    message: '',
  });
  return {
    acceptedNames: { plural, kind, singular: definition.singular, listKind: `${kind}List` },
    conditions: [
      condition('NamesAccepted', 'NoConflicts'),
      condition('Established', 'InitialNamesAccepted'),
    ],
    storedVersions: [version],
  };
}

/** Groups of the Kubernetes community need an approval to be installed. */
function approval(group: string): Readonly<Record<string, string>> {
  if (!group.endsWith('.k8s.io')) return {};
  return { 'api-approved.kubernetes.io': 'unapproved, minimal copy for a simulated cluster' };
}

/** ObjectMeta is the API server's own: a definition may not describe it. */
function schemaOf({ schema }: KindDefinition): object {
  const { metadata: _, ...properties } = schema.properties;
  return openApiSchema(
    { ...schema, properties: { ...properties, metadata: { type: 'object', properties: {} } } },
    'crd',
  );
}

function subresourcesOf(definition: KindDefinition): object {
  return {
    ...(definition.statusSubresource ? { status: {} } : {}),
    ...(definition.subresources.includes('scale')
      ? {
          scale: {
            specReplicasPath: '.spec.replicas',
            statusReplicasPath: '.status.replicas',
            labelSelectorPath: '.status.labelSelector',
          },
        }
      : {}),
  };
}

function isPrinted(column: Column): boolean {
  return column.jsonPath !== undefined;
}

function printerColumnOf({ name, type, jsonPath, priority }: Column): object {
  return { name, type, jsonPath, ...(priority > 0 ? { priority } : {}) };
}
