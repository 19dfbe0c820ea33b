/**
 * OpenAPI v3 documents, one a group version: what kubectl needs to know that fields are validated
 * here, and to explain kinds. v2 is a stub: it is only asked where v3 is missing.
 */

import { createHash } from 'node:crypto';
import type { Resource } from '../../../api/resources.ts';
import type { KindDefinition } from '../kinds/definition.ts';
import { formatApiVersion } from '../registry/registry.ts';
import { OBJECT_META } from '../schema/metadata.ts';
import type { Schema } from '../schema/schema.ts';

export interface OpenApi {
  /** The index: paths of all documents. */
  index(): unknown;
  /** The document of `api/v1` or `apis/kubevirt.io/v1`; undefined where there is none. */
  document(path: string): unknown;
}

const INFO = { title: 'Kubernetes (simulated)', version: 'v1' };

export const OPENAPI_V2_STUB = { swagger: '2.0', info: INFO, paths: {}, definitions: {} };

export function createOpenApi(definitions: readonly KindDefinition[]): OpenApi {
  const byPath = new Map<string, KindDefinition[]>();
  for (const definition of definitions) {
    const path = documentPath(definition.resource);
    byPath.set(path, [...(byPath.get(path) ?? []), definition]);
  }
  const made = new Map<string, unknown>();
  const document = (path: string) => {
    const kinds = byPath.get(path);
    if (kinds && !made.has(path)) made.set(path, buildDocument(kinds));
    return made.get(path);
  };
  let index: unknown;
  return {
    index: () =>
      (index ??= {
        paths: Object.fromEntries(
          [...byPath.keys()].map((path) => [
            path,
            { serverRelativeURL: `/openapi/v3/${path}?hash=${hashText(document(path))}` },
          ]),
        ),
      }),
    document,
  };
}

/** A schema in the words of OpenAPI; `crd` says it as a CustomResourceDefinition must. */
export function openApiSchema(schema: Schema, dialect: 'openapi' | 'crd'): object {
  const below = (inner: Schema) => openApiSchema(inner, dialect);
  const description = schema.description ? { description: schema.description } : {};
  switch (schema.type) {
    case 'any':
      return {
        ...description,
        ...(dialect === 'openapi' ? { type: 'object' } : {}),
        'x-kubernetes-preserve-unknown-fields': true,
      };
    case 'object':
      return {
        ...description,
        type: 'object',
        ...(schema.required ? { required: schema.required } : {}),
        properties: Object.fromEntries(
          Object.entries(schema.properties).map(([key, inner]) => [key, below(inner)]),
        ),
        ...(schema.open ? { 'x-kubernetes-preserve-unknown-fields': true } : {}),
        ...(schema.atomic ? { 'x-kubernetes-map-type': 'atomic' } : {}),
      };
    case 'map':
      return { ...description, type: 'object', additionalProperties: below(schema.values) };
    case 'list':
      return {
        ...description,
        type: 'array',
        items: below(schema.items),
        ...(schema.listType === 'atomic' ? {} : { 'x-kubernetes-list-type': schema.listType }),
        ...(schema.keys ? { 'x-kubernetes-list-map-keys': schema.keys } : {}),
      };
    case 'quantity':
      return dialect === 'crd'
        ? {
            ...description,
            anyOf: [{ type: 'integer' }, { type: 'string' }],
            'x-kubernetes-int-or-string': true,
          }
        : { ...description, type: 'string' };
    default:
      return {
        ...description,
        type: schema.type,
        ...(schema.enum ? { enum: schema.enum } : {}),
        ...(schema.format ? { format: schema.format } : {}),
      };
  }
}

function documentPath(resource: Resource): string {
  return resource.group === '' ? `api/${resource.version}` : `apis/${formatApiVersion(resource)}`;
}

/** As its author wrote it; its metadata are the server's. */
function definedSchema(openApi: object): object {
  const { properties } = openApi as { readonly properties?: object };
  const metadata = openApiSchema(OBJECT_META, 'openapi');
  const text = { type: 'string' };
  return {
    ...openApi,
    type: 'object',
    properties: { apiVersion: text, kind: text, ...properties, metadata },
  };
}

/** Lets clients keep a document for as long as it says the same. */
function hashText(document: unknown): string {
  return createHash('sha256').update(JSON.stringify(document)).digest('hex').toUpperCase();
}

function buildDocument(kinds: readonly KindDefinition[]): unknown {
  const paths: Record<string, unknown> = {};
  for (const kind of kinds) Object.assign(paths, listPaths(kind));
  const schemas = kinds.map((kind) => [
    componentName(kind.resource),
    {
      ...(kind.openApi ? definedSchema(kind.openApi) : openApiSchema(kind.schema, 'openapi')),
      'x-kubernetes-group-version-kind': [groupVersionKind(kind.resource)],
    },
  ]);
  return {
    openapi: '3.0.0',
    info: INFO,
    paths,
    components: { schemas: Object.fromEntries(schemas) },
  };
}

function componentName({ group, version, kind }: Resource): string {
  const reversed = group === '' ? 'io.k8s.api.core' : group.split('.').reverse().join('.');
  return `${reversed}.${version}.${kind}`;
}

function groupVersionKind({ group, version, kind }: Resource) {
  return { group, kind, version };
}

function listPaths({ resource }: KindDefinition): Record<string, unknown> {
  const scope = resource.namespaced ? '/namespaces/{namespace}' : '';
  const collection = `/${documentPath(resource)}${scope}/${resource.plural}`;
  const reference = { $ref: `#/components/schemas/${componentName(resource)}` };
  const operation = (action: string, options: { readonly types?: readonly string[] } = {}) => ({
    operationId: `${action}${resource.kind}`,
    'x-kubernetes-action': action,
    'x-kubernetes-group-version-kind': groupVersionKind(resource),
    ...(options.types
      ? { parameters: WRITE_PARAMETERS, requestBody: describeBody(options.types, reference) }
      : {}),
    responses: {
      200: { description: 'OK', content: describeContent(['application/json'], reference) },
    },
  });
  const json = { types: ['application/json'] };
  return {
    [collection]: { get: operation('list'), post: operation('post', json) },
    [`${collection}/{name}`]: {
      get: operation('get'),
      put: operation('put', json),
      patch: operation('patch', { types: PATCH_TYPES }),
      delete: operation('delete'),
    },
  };
}

/** Strategic merge is left out: our schemas are too short for a client to compute such a patch. */
const PATCH_TYPES = [
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/apply-patch+yaml',
];

const WRITE_PARAMETERS = ['dryRun', 'fieldManager', 'fieldValidation', 'force', 'pretty'].map(
  (name) => ({ name, in: 'query', schema: { type: 'string', uniqueItems: true } }),
);

function describeBody(types: readonly string[], schema: unknown): unknown {
  return { content: describeContent(types, schema), required: true };
}

function describeContent(types: readonly string[], schema: unknown): unknown {
  return Object.fromEntries(types.map((type) => [type, { schema }]));
}
