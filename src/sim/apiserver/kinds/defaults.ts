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

/** A reference of a claim; the group of core kinds is null on the wire. */
interface SourceReference {
  readonly apiGroup?: string | null;
  readonly kind?: string;
  readonly namespace?: string;
}

/**
 * dataSource and dataSourceRef of a claim say the same: whichever is absent is filled in from the
 * other. A dataSource that no CSI driver can serve is dropped before (core/persistentvolumeclaim
 * strategy.go, NormalizeDataSources).
 */
export function claimDefaults(object: KubeObject): KubeObject {
  const filled = withVolumeMode(object);
  const { dataSource, dataSourceRef, ...rest } = filled.spec as Tree & {
    readonly dataSource?: SourceReference;
    readonly dataSourceRef?: SourceReference;
  };
  if (!dataSource && !dataSourceRef) return filled;
  const own = dataSource && DRIVER_SOURCES.includes(dataSource.kind ?? '') ? dataSource : undefined;
  const reference = dataSourceRef ?? own;
  if (!reference) return { ...filled, spec: rest };
  const said = withGroup(reference);
  const elsewhere = dataSourceRef?.namespace !== undefined;
  const source = elsewhere ? undefined : own ? withGroup(own) : said;
  // As it is stored: what changes something else is spared the checks of a changed spec.
  if (said === dataSourceRef && source === dataSource) return filled;
  const spec = { ...rest, ...(source && { dataSource: source }), dataSourceRef: said };
  return { ...filled, spec };
}

const withVolumeMode = specDefaults({ volumeMode: 'Filesystem' });

function withGroup(reference: SourceReference): SourceReference {
  return reference.apiGroup === undefined ? { apiGroup: null, ...reference } : reference;
}

const DRIVER_SOURCES = ['PersistentVolumeClaim', 'VolumeSnapshot'];

function withMissing(tree: Tree | undefined, defaults: Tree): Tree {
  let filled: Record<string, unknown> | undefined;
  for (const key in defaults) {
    if (tree?.[key] !== undefined) continue;
    filled ??= { ...tree };
    filled[key] = defaults[key];
  }
  return filled ?? tree ?? {};
}
