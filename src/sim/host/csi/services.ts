/**
 * The identity and controller services of the simulated driver, as ceph-csi v3.10.2 offers them:
 * volumes, snapshots, clones and growth; no publishing, which external-attacher then does by
 * itself, no lists and no capacity. The checks are those of its controllerserver.go.
 */

import type { CsiOutcome, StorageDriver, VolumeRequestSource } from '../../hardware/storage/csi.ts';
import type { GrpcAnswer, GrpcCode, GrpcMethod } from './grpc.ts';
import type { Tree } from './protobuf.ts';

const CONTROLLER_SERVICE = 1;
const ONLINE_EXPANSION = 1;
/** CREATE_DELETE_VOLUME, CREATE_DELETE_SNAPSHOT, CLONE_VOLUME, EXPAND_VOLUME. */
const CONTROLLER_CAPABILITIES = [1, 5, 7, 9];
const MULTI_NODE_MODES = [3, 4, 5];
/** Of a request that names no size. */
const DEFAULT_BYTES = 1024 ** 3;

interface Capability {
  readonly block?: Tree;
  readonly mount?: Tree;
  readonly accessMode?: { readonly mode?: number };
}

interface AskedVolume {
  readonly name?: string;
  readonly capacityRange?: { readonly requiredBytes?: number; readonly limitBytes?: number };
  readonly volumeCapabilities?: readonly Capability[];
  readonly volumeContentSource?: {
    readonly snapshot?: { readonly snapshotId?: string };
    readonly volume?: { readonly volumeId?: string };
  };
}

export function csiMethods(driver: StorageDriver): ReadonlyMap<string, GrpcMethod> {
  const identity = '/csi.v1.Identity/';
  const controller = '/csi.v1.Controller/';
  return new Map<string, GrpcMethod>([
    [`${identity}GetPluginInfo`, fixed('GetPluginInfoResponse', pluginInfo(driver))],
    [`${identity}GetPluginCapabilities`, fixed('GetPluginCapabilitiesResponse', PLUGIN)],
    [`${identity}Probe`, fixed('ProbeResponse', { ready: { value: true } })],
    [
      `${controller}ControllerGetCapabilities`,
      fixed('ControllerGetCapabilitiesResponse', {
        capabilities: CONTROLLER_CAPABILITIES.map((type) => ({ rpc: { type } })),
      }),
    ],
    [`${controller}CreateVolume`, asked('CreateVolume', (it) => createVolume(driver, it))],
    [`${controller}DeleteVolume`, asked('DeleteVolume', (it) => deleteVolume(driver, it), 'Empty')],
    [`${controller}CreateSnapshot`, asked('CreateSnapshot', (it) => createSnapshot(driver, it))],
    [
      `${controller}DeleteSnapshot`,
      asked('DeleteSnapshot', (it) => deleteSnapshot(driver, it), 'Empty'),
    ],
    [
      `${controller}ControllerExpandVolume`,
      asked('ControllerExpandVolume', (it) => expandVolume(driver, it)),
    ],
    [
      `${controller}ValidateVolumeCapabilities`,
      asked('ValidateVolumeCapabilities', async (it) => validate(it)),
    ],
  ]);
}

const PLUGIN = {
  capabilities: [
    { service: { type: CONTROLLER_SERVICE } },
    { volumeExpansion: { type: ONLINE_EXPANSION } },
  ],
};

function pluginInfo({ traits }: StorageDriver): Tree {
  return { name: traits.name, vendorVersion: 'simulated', manifest: { simulated: 'true' } };
}

function fixed(response: string, value: Tree): GrpcMethod {
  return { request: 'Empty', response, answer: async () => ({ ok: true, value }) };
}

function asked(
  name: string,
  answer: (request: Tree) => Promise<GrpcAnswer>,
  response = `${name}Response`,
): GrpcMethod {
  return { request: `${name}Request`, response, answer };
}

async function createVolume({ csi }: StorageDriver, request: Tree): Promise<GrpcAnswer> {
  const { name = '', capacityRange = {}, ...rest } = request as AskedVolume;
  if (name === '') return refused('InvalidArgument', 'the volume has no name');
  const problem = capabilityProblem(rest.volumeCapabilities);
  if (problem !== undefined) return refused('InvalidArgument', problem);
  const { requiredBytes = 0, limitBytes = 0 } = capacityRange;
  if (requiredBytes < 0 || limitBytes < 0) {
    return refused('InvalidArgument', 'the volume has a negative size');
  }
  const sizeBytes = requiredBytes || DEFAULT_BYTES;
  if (limitBytes > 0 && limitBytes < sizeBytes) {
    return refused(
      'OutOfRange',
      `the limit of ${limitBytes} bytes is below the ${sizeBytes} asked`,
    );
  }
  const { volumeContentSource: contentSource } = rest;
  const source = contentSource && readSource(contentSource);
  if (source?.handle === '')
    return refused('InvalidArgument', 'the source of the volume has no id');
  return answered(await csi.createVolume({ name, sizeBytes, source }), (volume) => ({
    volume: {
      capacityBytes: volume.sizeBytes,
      volumeId: volume.handle,
      volumeContext: volume.attributes,
      contentSource,
    },
  }));
}

function readSource(
  source: NonNullable<AskedVolume['volumeContentSource']>,
): VolumeRequestSource | undefined {
  if (source.snapshot) return { kind: 'snapshot', handle: source.snapshot.snapshotId ?? '' };
  return { kind: 'volume', handle: source.volume?.volumeId ?? '' };
}

/** RBD shares block devices between nodes, and file systems never. */
function capabilityProblem(capabilities: readonly Capability[] | undefined): string | undefined {
  if (!capabilities?.length) return 'the volume has no capabilities';
  const shared = capabilities.some(
    ({ block, accessMode }) => !block && MULTI_NODE_MODES.includes(accessMode?.mode ?? 0),
  );
  return shared ? 'several nodes can share block volumes only' : undefined;
}

async function deleteVolume({ csi }: StorageDriver, request: Tree): Promise<GrpcAnswer> {
  const handle = textIn(request, 'volumeId');
  if (handle === '') return refused('InvalidArgument', 'the volume has no id');
  return answered(await csi.deleteVolume(handle), () => ({}));
}

async function createSnapshot({ csi }: StorageDriver, request: Tree): Promise<GrpcAnswer> {
  const name = textIn(request, 'name');
  const sourceHandle = textIn(request, 'sourceVolumeId');
  if (name === '') return refused('InvalidArgument', 'the snapshot has no name');
  if (sourceHandle === '') return refused('InvalidArgument', 'the snapshot has no source');
  return answered(await csi.createSnapshot({ name, sourceHandle }), (snapshot) => ({
    snapshot: {
      sizeBytes: snapshot.sizeBytes,
      snapshotId: snapshot.handle,
      sourceVolumeId: sourceHandle,
      creationTime: {
        seconds: Math.floor(snapshot.createdUs / 1e6),
        nanos: (snapshot.createdUs % 1e6) * 1000,
      },
      readyToUse: true,
    },
  }));
}

async function deleteSnapshot({ csi }: StorageDriver, request: Tree): Promise<GrpcAnswer> {
  const handle = textIn(request, 'snapshotId');
  if (handle === '') return refused('InvalidArgument', 'the snapshot has no id');
  return answered(await csi.deleteSnapshot(handle), () => ({}));
}

async function expandVolume({ csi }: StorageDriver, request: Tree): Promise<GrpcAnswer> {
  const handle = textIn(request, 'volumeId');
  const { requiredBytes = 0 } = (request as AskedVolume).capacityRange ?? {};
  if (handle === '') return refused('InvalidArgument', 'the volume has no id');
  if (requiredBytes <= 0) return refused('InvalidArgument', 'the volume has no new size');
  // No node of ours grows a file system: there is nothing left for it to do.
  return answered(await csi.expandVolume(handle, requiredBytes), (capacityBytes) => ({
    capacityBytes,
    nodeExpansionRequired: false,
  }));
}

function validate(request: Tree): GrpcAnswer {
  const { volumeCapabilities, volumeContext, parameters } = request as AskedVolume & Tree;
  if (textIn(request, 'volumeId') === '') return refused('InvalidArgument', 'the volume has no id');
  if (!volumeCapabilities?.length) {
    return refused('InvalidArgument', 'the volume has no capabilities');
  }
  const problem = capabilityProblem(volumeCapabilities);
  if (problem !== undefined) return { ok: true, value: { message: problem } };
  return { ok: true, value: { confirmed: { volumeContext, volumeCapabilities, parameters } } };
}

function answered<T>(outcome: CsiOutcome<T>, toTree: (value: T) => Tree): GrpcAnswer {
  return outcome.ok ? { ok: true, value: toTree(outcome.value) } : outcome;
}

function refused(code: GrpcCode, message: string): GrpcAnswer {
  return { ok: false, code, message };
}

function textIn(tree: Tree, name: string): string {
  const value = tree[name];
  return typeof value === 'string' ? value : '';
}
