/**
 * The objects that a run creates. Every one carries the run's labels, and so does everything that
 * grows out of it: labels of a VM's disks and of its VMI's template are passed on.
 */

import { deepFreeze } from '../core/json.ts';
import type { KubeObject, ObjectMeta } from '../api/object.ts';
import { BIND_IMMEDIATE } from '../api/storage.ts';
import type { DataVolume, DataVolumeSpec, VolumeSnapshot } from '../api/storage.ts';
import { cloneName } from '../scenario/clone-name.ts';
import type { AnyManifest, CloneArm, Image, Storage } from '../scenario/scenario.ts';
import { compileTemplate, type Template } from '../scenario/template.ts';

/** What every manifest of a run depends on. */
export interface RunContext {
  readonly runId: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly storage: Storage;
}

export interface VmManifests {
  name(index: number): string;
  manifest(index: number): KubeObject;
}

/**
 * The golden image: the DataVolume that imports or copies it; at once, also on a storage class that
 * waits for a first consumer: images have none.
 */
export function imageVolume(image: Image, run: RunContext): DataVolume {
  const namespace = image.namespace ?? run.namespace;
  const place = { name: image.name, namespace, annotations: BIND_IMMEDIATELY };
  return dataVolume(place, originSpec(image, namespace), image, run);
}

/** CDI fills a claim with it before anybody uses it. */
const BIND_IMMEDIATELY = { [BIND_IMMEDIATE]: '' };

/** The snapshot of a golden image. */
export function imageSnapshot(image: Image, run: RunContext): VolumeSnapshot {
  return deepFreeze({
    apiVersion: 'snapshot.storage.k8s.io/v1',
    kind: 'VolumeSnapshot',
    metadata: {
      name: image.snapshotName,
      namespace: image.namespace ?? run.namespace,
      labels: run.labels,
    },
    spec: {
      ...(run.storage.snapshotClassName !== undefined && {
        volumeSnapshotClassName: run.storage.snapshotClassName,
      }),
      source: { persistentVolumeClaimName: image.name },
    },
  });
}

/** A function from a clone's number to its DataVolume; all share one spec. */
export function cloneManifests(
  image: Image,
  { source, bindImmediately }: Pick<CloneArm, 'source' | 'bindImmediately'>,
  run: RunContext,
) {
  const annotations = bindImmediately ? { annotations: BIND_IMMEDIATELY } : {};
  const name = source === 'pvc' ? image.name : image.snapshotName;
  const reference = { namespace: image.namespace ?? run.namespace, name };
  const spec: DataVolumeSpec = deepFreeze({
    source: source === 'pvc' ? { pvc: reference } : { snapshot: reference },
    pvc: buildClaimSpec(image, run.storage),
  });
  return (index: number) =>
    dataVolume(
      { name: cloneName(image.key, source, index), namespace: run.namespace, ...annotations },
      spec,
      image,
      run,
    );
}

/** VMs of a template with the run's namespace and labels put in. */
export function vmManifests(template: Template, run: RunContext): VmManifests {
  const tree = labelled(template.tree as Fields, run);
  const compiled = compileTemplate({ ...template, tree }, run);
  return {
    name: compiled.name,
    manifest: (index) => compiled.manifest(index) as KubeObject,
  };
}

/** Objects of one manifest of any kind, by their numbers. */
export interface AppliedManifests extends VmManifests {
  /** Without the run's labels. */
  plain(index: number): KubeObject;
}

export function appliedManifests(manifest: AnyManifest, run: RunContext): AppliedManifests {
  const tree = manifest.tree as Fields;
  const isVm = manifest.kind === 'VirtualMachine';
  const ours = compileTemplate(
    { ...manifest, tree: isVm ? labelled(tree, run) : relabel(tree, run) },
    run,
  );
  const plain = compileTemplate(manifest, run);
  return {
    name: ours.name,
    manifest: (index) => ours.manifest(index) as KubeObject,
    plain: (index) => plain.manifest(index) as KubeObject,
  };
}

type Fields = Readonly<Record<string, unknown>>;

/** The tree with the run's labels on the VM, its disks and its VMI. */
function labelled(tree: Fields, run: RunContext): Fields {
  const spec = toFields(tree['spec']);
  const disks = spec['dataVolumeTemplates'];
  return {
    ...tree,
    metadata: { ...withLabels(tree['metadata'], run), namespace: run.namespace },
    spec: {
      ...spec,
      ...(Array.isArray(disks) && {
        dataVolumeTemplates: disks.map((disk: unknown) => relabel(toFields(disk), run)),
      }),
      template: relabel(toFields(spec['template']), run),
    },
  };
}

function relabel(tree: Fields, run: RunContext): Fields {
  return { ...tree, metadata: withLabels(tree['metadata'], run) };
}

function withLabels(metadata: unknown, run: RunContext): Fields {
  const fields = toFields(metadata);
  return { ...fields, labels: { ...toFields(fields['labels']), ...run.labels } };
}

function toFields(value: unknown): Fields {
  return value !== null && typeof value === 'object' ? (value as Fields) : {};
}

function originSpec(image: Image, namespace: string): DataVolumeSpec {
  const { origin } = image;
  if (origin.kind === 'http') return { source: { http: { url: origin.url } } };
  if (origin.kind === 'registry') return { source: { registry: { url: origin.url } } };
  const reference = { namespace: origin.namespace ?? namespace, name: origin.name };
  if (origin.kind === 'dataSource') return { sourceRef: { kind: 'DataSource', ...reference } };
  return { source: origin.kind === 'pvc' ? { pvc: reference } : { snapshot: reference } };
}

function dataVolume(
  place: Pick<ObjectMeta, 'name' | 'namespace' | 'annotations'>,
  spec: DataVolumeSpec,
  image: Image,
  run: RunContext,
): DataVolume {
  return deepFreeze({
    apiVersion: 'cdi.kubevirt.io/v1beta1',
    kind: 'DataVolume',
    metadata: { ...place, labels: run.labels },
    spec: spec.pvc ? spec : { ...spec, pvc: buildClaimSpec(image, run.storage) },
  });
}

function buildClaimSpec(image: Image, storage: Storage) {
  return {
    accessModes: storage.accessModes,
    resources: { requests: { storage: image.size.text } },
    volumeMode: storage.volumeMode,
    storageClassName: storage.className,
  };
}
