/**
 * The messages of the Container Storage Interface 1.9 that a controller driver is asked with and
 * answers, by field number. Each line reads `Message: field=number:type`, where a type is a
 * message, or `s` text, `b` boolean, `i` integer or one of a list of names; `*` is a list, `%` a
 * map from text to text.
 */

export interface FieldType {
  readonly name: string;
  readonly number: number;
  /** A message, or one of the scalars. */
  readonly type: string;
  readonly shape: 'one' | 'list' | 'map';
}

const TABLE = `
Empty:
GetPluginInfoResponse: name=1:s vendorVersion=2:s manifest=3:s%
GetPluginCapabilitiesResponse: capabilities=1:PluginCapability*
PluginCapability: service=1:Type volumeExpansion=2:Type
ProbeResponse: ready=1:Bool
ControllerGetCapabilitiesResponse: capabilities=1:ControllerCapability*
ControllerCapability: rpc=1:Type
Type: type=1:i
Bool: value=1:b
Timestamp: seconds=1:i nanos=2:i
CreateVolumeRequest: name=1:s capacityRange=2:CapacityRange volumeCapabilities=3:VolumeCapability*
 volumeContentSource=6:ContentSource
CreateVolumeResponse: volume=1:Volume
Volume: capacityBytes=1:i volumeId=2:s volumeContext=3:s% contentSource=4:ContentSource
CapacityRange: requiredBytes=1:i limitBytes=2:i
VolumeCapability: block=1:Empty mount=2:Mount accessMode=3:AccessMode
Mount: fsType=1:s mountFlags=2:s*
AccessMode: mode=1:i
ContentSource: snapshot=1:SnapshotSource volume=2:VolumeSource
SnapshotSource: snapshotId=1:s
VolumeSource: volumeId=1:s
DeleteVolumeRequest: volumeId=1:s
ValidateVolumeCapabilitiesRequest: volumeId=1:s volumeContext=2:s%
 volumeCapabilities=3:VolumeCapability* parameters=4:s%
ValidateVolumeCapabilitiesResponse: confirmed=1:Confirmed message=2:s
Confirmed: volumeContext=1:s% volumeCapabilities=2:VolumeCapability* parameters=3:s%
CreateSnapshotRequest: sourceVolumeId=1:s name=2:s
CreateSnapshotResponse: snapshot=1:Snapshot
Snapshot: sizeBytes=1:i snapshotId=2:s sourceVolumeId=3:s creationTime=4:Timestamp readyToUse=5:b
DeleteSnapshotRequest: snapshotId=1:s
ControllerExpandVolumeRequest: volumeId=1:s capacityRange=2:CapacityRange
ControllerExpandVolumeResponse: capacityBytes=1:i nodeExpansionRequired=2:b
`;

const MESSAGES: ReadonlyMap<string, readonly FieldType[]> = parseTable(TABLE);

/** Its fields; throws where there is no such message, which is a defect of ours. */
export function messageFields(message: string): readonly FieldType[] {
  const fields = MESSAGES.get(message);
  if (fields === undefined) throw new Error(`no message ${message}`);
  return fields;
}

function parseTable(text: string): ReadonlyMap<string, readonly FieldType[]> {
  const lines = text.replaceAll(/\n +/g, ' ').split('\n');
  return new Map(
    lines.flatMap((line) => {
      const colon = line.indexOf(':');
      if (colon < 0) return [];
      const fields = line.slice(colon + 1).split(' ');
      return [
        [line.slice(0, colon), fields.filter((field) => field !== '').map(parseField)] as const,
      ];
    }),
  );
}

function parseField(text: string): FieldType {
  const [, name = '', number = '', type = '', mark = ''] =
    /^(\w+)=(\d+):(\w+)([*%]?)$/.exec(text) ?? [];
  const shape = mark === '*' ? 'list' : mark === '%' ? 'map' : 'one';
  return { name, number: Number(number), type, shape };
}
