/** What the API server fills in where a manifest says nothing (kubernetes pkg/apis defaults.go). */

import type { KubeObject } from '../../../api/object.ts';

type Tree = Readonly<Record<string, unknown>>;

/** The object with `defaults` in its spec where it says nothing. */
export function specDefaults(defaults: Tree): (object: KubeObject) => KubeObject {
  return (object) => {
    const spec = withMissing(object.spec as Tree | undefined, defaults);
    return spec === object.spec ? object : { ...object, spec };
  };
}

/** The same for members of the object itself, as in a StorageClass. */
export function memberDefaults(defaults: Tree): (object: KubeObject) => KubeObject {
  return (object) => withMissing(object as unknown as Tree, defaults) as unknown as KubeObject;
}

export const POD_DEFAULTS: Tree = {
  restartPolicy: 'Always',
  terminationGracePeriodSeconds: 30,
  dnsPolicy: 'ClusterFirst',
  schedulerName: 'default-scheduler',
  securityContext: {},
  enableServiceLinks: true,
};

/** Every namespace carries its name as a label. */
export function namespaceDefaults(object: KubeObject): KubeObject {
  const { metadata } = object;
  const key = 'kubernetes.io/metadata.name';
  if (metadata.labels?.[key] === metadata.name) return object;
  return {
    ...object,
    metadata: { ...metadata, labels: { ...metadata.labels, [key]: metadata.name } },
  };
}

/** A Secret's stringData is written only: it becomes data. */
export function secretDefaults(object: KubeObject): KubeObject {
  const { stringData, ...rest } = object as KubeObject & {
    readonly stringData?: Readonly<Record<string, string>>;
    readonly data?: Tree;
  };
  const typed = memberDefaults({ type: 'Opaque' })(rest);
  if (stringData === undefined) return typed;
  const encoded = Object.entries(stringData).map(([key, text]) => [
    key,
    Buffer.from(text).toString('base64'),
  ]);
  return { ...typed, data: { ...rest.data, ...Object.fromEntries(encoded) } } as KubeObject;
}

function withMissing(tree: Tree | undefined, defaults: Tree): Tree {
  let filled: Record<string, unknown> | undefined;
  for (const key in defaults) {
    if (tree?.[key] !== undefined) continue;
    filled ??= { ...tree };
    filled[key] = defaults[key];
  }
  return filled ?? tree ?? {};
}
