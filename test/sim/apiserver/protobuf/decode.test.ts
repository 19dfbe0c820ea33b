/** Bodies that Go's own encoder made, and the JSON that it makes of the same objects. */

import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeKubernetes } from '../../../../src/sim/apiserver/protobuf/decode.ts';

interface Encoded {
  readonly protobuf: string;
  readonly json: { readonly kind: string };
}

const fixture = new URL('../../../fixtures/kubernetes-protobuf.json', import.meta.url);
const bodies = JSON.parse(readFileSync(fixture, 'utf8')) as readonly Encoded[];

test.each(bodies.map((body) => [body.json.kind, body] as const))('%s', (_, { protobuf, json }) => {
  const decoded = decodeKubernetes(Buffer.from(protobuf, 'base64'));
  expect(withoutEmpty(decoded)).toEqual(withoutEmpty(json));
});

/** Go writes nulls and empty objects where we leave things out. */
function withoutEmpty(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutEmpty);
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value)
    .map(([key, inner]) => [key, withoutEmpty(inner)] as const)
    .filter(([, inner]) => inner !== null && JSON.stringify(inner) !== '{}');
  return Object.fromEntries(entries);
}

test('garbage is refused or thrown, never an endless loop', () => {
  expect(decodeKubernetes(Buffer.from('{}'))).toBeUndefined();
  expect(decodeKubernetes(Buffer.from('k8s\0'))).toBeUndefined();
  const pod = Buffer.from(bodies[1]?.protobuf ?? '', 'base64');
  fc.assert(
    fc.property(fc.nat(pod.length), fc.uint8Array({ maxLength: 40 }), (cut, noise) => {
      try {
        decodeKubernetes(Buffer.concat([pod.subarray(0, cut), noise]));
      } catch (error) {
        expect(error).toBeInstanceOf(Error);
      }
    }),
  );
});
