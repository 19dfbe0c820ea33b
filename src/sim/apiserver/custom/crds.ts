/** Custom kinds as CustomResourceDefinitions: to be listed here, or installed elsewhere. */

import type { KubeObject } from '../../../api/object.ts';
import type { Resource } from '../../../api/resources.ts';
import type { KindDefinition } from '../kinds/definition.ts';
import { qualifiedResource } from '../core/refusal.ts';
import type { Registry } from '../registry/registry.ts';
import type { Column } from '../table/column.ts';
import { openApiSchema } from '../openapi/openapi.ts';

/** Minimal, valid, and enough for controllers and kubectl. */
export function customResourceDefinition(
  definition: KindDefinition,
  otherVersions: readonly string[] = [],
): KubeObject {
  const { resource } = definition;
  const { group, version, namespaced } = resource;
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: qualifiedResource(resource), annotations: approval(group) },
    spec: {
      group,
      scope: namespaced ? 'Namespaced' : 'Cluster',
      names: listNames(definition),
      versions: [version, ...otherVersions].map((name) => ({
        name,
        served: true,
        storage: name === version,
        schema: { openAPIV3Schema: describeSchema(definition) },
        subresources: describeSubresources(definition),
        additionalPrinterColumns: definition.columns.filter(isPrinted).map(toPrinterColumn),
      })),
      conversion: { strategy: 'None' },
    },
  };
}

interface SeededServer {
  readonly registry: Registry;
  peek(resource: Resource, namespace: undefined, name: string): KubeObject | undefined;
  seed(object: KubeObject): KubeObject;
}

/** Lists the custom kinds that the server has anyway, so that clients find them. */
export function seedCustomResourceDefinitions(server: SeededServer, time: string): void {
  const { definitions } = server.registry;
  for (const definition of definitions) {
    if (!definition.custom || definition.storedAs) continue;
    const object = customResourceDefinition(definition, otherVersions(definitions, definition));
    const kind = server.registry.ofKind(object.apiVersion, object.kind);
    if (!kind || server.peek(kind.resource, undefined, object.metadata.name)) continue;
    server.seed({ ...object, status: establishedStatus(definition, time) });
  }
}

/** Versions beside the stored one in which the kind is served. */
export function otherVersions(
  definitions: readonly KindDefinition[],
  stored: KindDefinition,
): readonly string[] {
  return definitions
    .filter(({ storedAs }) => storedAs === stored)
    .map(({ resource }) => resource.version);
}

/** What a running API server adds once it serves the kind. */
function establishedStatus(definition: KindDefinition, time: string): unknown {
  const { version } = definition.resource;
  const condition = (type: string, reason: string) => ({
    type,
    status: 'True',
    lastTransitionTime: time,
    reason,
    message: '',
  });
  return {
    acceptedNames: listNames(definition),
    conditions: [
      condition('NamesAccepted', 'NoConflicts'),
      condition('Established', 'InitialNamesAccepted'),
    ],
    storedVersions: [version],
  };
}

function listNames({ resource, singular, shortNames, categories }: KindDefinition): object {
  const { plural, kind } = resource;
  return { plural, singular, kind, listKind: `${kind}List`, shortNames, categories };
}

/** Groups of the Kubernetes community need an approval to be installed. */
function approval(group: string): Readonly<Record<string, string>> {
  if (!group.endsWith('.k8s.io')) return {};
  return { 'api-approved.kubernetes.io': 'unapproved, minimal copy for a simulated cluster' };
}

/** ObjectMeta is the API server's own: a definition may not describe it. */
function describeSchema({ schema }: KindDefinition): object {
  const { metadata: _, ...properties } = schema.properties;
  return openApiSchema(
    { ...schema, properties: { ...properties, metadata: { type: 'object', properties: {} } } },
    'crd',
  );
}

function describeSubresources(definition: KindDefinition): object {
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

function toPrinterColumn({ name, type, jsonPath, priority }: Column): object {
  return { name, type, jsonPath, ...(priority > 0 ? { priority } : {}) };
}
