/**
 * The OpenAPI v2 document for kubectl up to 1.28, which looks there whether fields are validated by
 * the server. It reads nothing but protobuf, and nothing but the PATCH operations: so that is all
 * that is in it (gnostic openapiv2/OpenAPIv2.proto).
 */

import type { KindDefinition } from '../kinds/definition.ts';

export const OPENAPI_V2_TYPE = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf';

/** Whether an Accept header asks for the protobuf form. */
export function wantsOpenApiV2(accept: string | undefined): boolean {
  return accept?.includes('proto-openapi.spec.v2') ?? false;
}

export function openApiV2(definitions: readonly KindDefinition[]): Uint8Array {
  const info = message(2, text(1, 'Kubernetes (simulated)'), text(2, 'v1'));
  const paths = message(
    8,
    ...definitions.map((definition) => message(2, ...namedPath(definition))),
  );
  return Buffer.concat([text(1, '2.0'), info, paths]);
}

function namedPath({ resource }: KindDefinition): Uint8Array[] {
  const { group, version, kind, plural, namespaced } = resource;
  const root = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
  const scope = namespaced ? '/namespaces/{namespace}' : '';
  const parameters = ['dryRun', 'fieldManager', 'fieldValidation', 'force'].map(queryParameter);
  const yaml = `group: "${group}"\nkind: ${kind}\nversion: ${version}\n`;
  const extension = message(
    13,
    text(1, 'x-kubernetes-group-version-kind'),
    message(2, text(2, yaml)),
  );
  const patch = message(8, ...parameters, extension);
  return [text(1, `${root}${scope}/${plural}/{name}`), message(2, patch)];
}

/** Operation.parameters: a Parameter, that is no body, in the query. */
function queryParameter(name: string): Uint8Array {
  const schema = message(3, text(2, 'query'), text(4, name), text(6, 'string'));
  return message(8, message(1, message(2, schema)));
}

/** A length-delimited field. */
function message(field: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const content = Buffer.concat(parts);
  return Buffer.concat([varint((field << 3) | 2), varint(content.length), content]);
}

function text(field: number, value: string): Uint8Array {
  return message(field, Buffer.from(value));
}

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7f; rest >>= 7) bytes.push((rest & 0x7f) | 0x80);
  return Uint8Array.from([...bytes, rest]);
}
