/**
 * The simulated driver as sidecars meet it. Requests are bytes that Go's client of the interface
 * (spec 1.9) sent; answers are read here by number, with nothing of the driver's own.
 */

import { mkdtempSync, renameSync, writeFileSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { connect } from 'node:http2';
import { createConnection, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { createRng } from '../../../src/core/rng.ts';
import { scaledClock } from '../../../src/core/scaled-clock.ts';
import { systemClock } from '../../../src/core/system-clock.ts';
import { UsageError } from '../../../src/core/usage-error.ts';
import { resolveParameters } from '../../../src/parameters/parameters.ts';
import { readFields } from '../../../src/sim/apiserver/protobuf/raw-fields.ts';
import { createDriver } from '../../../src/sim/hardware/driver.ts';
import { parseControllers } from '../../../src/sim/host/controllers-argument.ts';
import { openCsiFace, parseCsiAddress } from '../../../src/sim/host/csi/endpoint.ts';
import { callOnce, grpcClient } from '../../support/grpc-client.ts';

const SPEED = 200;
const CONTROLLER = '/csi.v1.Controller/';
const CREATE =
  '0a057076632d3112060880808080581a061a0208050a0022090a04706f6f6c120170220e0a09636c7573746572494412' +
  '01632a0b0a06757365724944120175';
const CREATE_LARGER = '0a057076632d3112060880c8afa07d1a061a0208050a00';
const SHARED_FILE_SYSTEM = '0a057076632d6d1a0c1a02080512060a0465787434';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function openDriver() {
  const path = join(mkdtempSync(join(tmpdir(), 'bench-')), 'csi.sock');
  const base = scaledClock(systemClock(), SPEED);
  const clock = {
    ...base,
    scheduleQuiet: (delayUs: number, callback: () => void) => void base.schedule(delayUs, callback),
  };
  const parameters = resolveParameters({});
  const { driver } = createDriver('rbd', { clock, rng: createRng('csi'), parameters });
  const defects: unknown[] = [];
  const endpoint = await openCsiFace(path, (error) => defects.push(error));
  const client = grpcClient(path);
  closing.push(() => {
    client.close();
    expect(defects).toEqual([]);
    return endpoint.close();
  });
  return { path, endpoint, driver, client };
}

async function served() {
  const opened = await openDriver();
  opened.endpoint.serve(opened.driver);
  return opened;
}

/** Fields by number, nested as the path says; the last one as text or number. */
function read(hex: string, ...path: readonly number[]): string | number | undefined {
  let bytes: Buffer | bigint | undefined = Buffer.from(hex, 'hex');
  for (const number of path) {
    if (!Buffer.isBuffer(bytes)) return undefined;
    bytes = readFields(bytes).find((field) => field.number === number)?.value;
  }
  return typeof bytes === 'bigint' ? Number(bytes) : bytes?.toString();
}

function text(number: number, value: string): string {
  const bytes = Buffer.from(value);
  return Buffer.from([number * 8 + 2, bytes.length, ...bytes]).toString('hex');
}

function wrapped(number: number, hex: string): string {
  return Buffer.from([number * 8 + 2, hex.length / 2]).toString('hex') + hex;
}

test('sidecars learn what it is called and can do', async () => {
  const { client } = await served();
  const info = await client.call('/csi.v1.Identity/GetPluginInfo');
  expect(read(info.hex, 1)).toBe('openshift-storage.rbd.csi.ceph.com');
  const probe = await client.call('/csi.v1.Identity/Probe');
  expect(read(probe.hex, 1, 1)).toBe(1);
  const plugin = await client.call('/csi.v1.Identity/GetPluginCapabilities');
  expect(plugin).toMatchObject({ status: 0, hex: '0a040a0208010a0412020801' });
  const capabilities = await client.call(`${CONTROLLER}ControllerGetCapabilities`);
  expect(capabilities.hex).toBe('0a040a0208010a040a0208050a040a0208070a040a020809');
});

test('volumes are made, once a name, restored, cloned, grown and deleted', async () => {
  const { client, driver } = await served();
  const made = await client.call(`${CONTROLLER}CreateVolume`, CREATE);
  const id = String(read(made.hex, 1, 2));
  expect(read(made.hex, 1, 1)).toBe(22 * 1024 ** 3);
  expect(id).toMatch(/^0001-0011-openshift-storage-/);
  expect(await client.call(`${CONTROLLER}CreateVolume`, CREATE)).toEqual(made);
  const content = { key: 'rhel9', dataBytes: 1024 ** 3, guest: undefined };
  driver.fill(id, content);
  const larger = await client.call(`${CONTROLLER}CreateVolume`, CREATE_LARGER);
  expect([larger.status, larger.message]).toEqual([6, 'volume pvc-1 exists with another size']);

  const taken = await client.call(`${CONTROLLER}CreateSnapshot`, text(1, id) + text(2, 'snap-1'));
  const snapshot = String(read(taken.hex, 1, 2));
  expect(read(taken.hex, 1, 3)).toBe(id);
  expect(read(taken.hex, 1, 4, 1)).toBeGreaterThan(1e9);
  expect(read(taken.hex, 1, 5)).toBe(1);

  const block = '1a061a0208050a00';
  const restoring = text(1, 'pvc-2') + block + wrapped(6, wrapped(1, text(1, snapshot)));
  const restored = await client.call(`${CONTROLLER}CreateVolume`, restoring);
  expect(read(restored.hex, 1, 4, 1, 1)).toBe(snapshot);
  const cloning = text(1, 'pvc-3') + block + wrapped(6, wrapped(2, text(1, id)));
  const cloned = await client.call(`${CONTROLLER}CreateVolume`, cloning);
  expect(read(cloned.hex, 1, 4, 2, 1)).toBe(id);
  expect(driver.contentOf(String(read(cloned.hex, 1, 2)))).toBe(content);
  expect(driver.contentOf(String(read(restored.hex, 1, 2)))).toBe(content);

  const growing = text(1, id) + wrapped(2, '088090dfc0a201');
  const grown = await client.call(`${CONTROLLER}ControllerExpandVolume`, growing);
  expect(grown).toMatchObject({ status: 0, hex: '088090dfc0a201' });

  const dropped = await client.call(`${CONTROLLER}DeleteSnapshot`, text(1, snapshot));
  expect(dropped).toMatchObject({ status: 0, hex: '' });
  for (let times = 0; times < 2; times++) {
    const deleted = await client.call(`${CONTROLLER}DeleteVolume`, text(1, id));
    expect(deleted).toMatchObject({ status: 0, hex: '' });
  }
  const anew = await client.call(`${CONTROLLER}CreateVolume`, CREATE);
  expect(read(anew.hex, 1, 2)).not.toBe(id);
});

test('a second call of the same name is turned away while the first is on its way', async () => {
  const { client } = await served();
  const call = () => client.call(`${CONTROLLER}CreateVolume`, CREATE);
  const both = await Promise.all([call(), call()]);
  expect(both.map(({ status }) => status).sort((a, b) => a - b)).toEqual([0, 10]);
});

test.each([
  ['a volume without a name', 'CreateVolume', '1a061a0208050a00', 3, 'the volume has no name'],
  ['one without capabilities', 'CreateVolume', text(1, 'p'), 3, 'the volume has no capabilities'],
  [
    'a file system for several nodes',
    'CreateVolume',
    SHARED_FILE_SYSTEM,
    3,
    'several nodes can share block volumes only',
  ],
  [
    'a limit below the size',
    'CreateVolume',
    `${text(1, 'p')}1a061a0208050a0012080880808080581001`,
    11,
    'the limit of 1 bytes is below the 23622320128 asked',
  ],
  ['a deletion of nothing', 'DeleteVolume', '', 3, 'the volume has no id'],
  ['no source', 'CreateSnapshot', text(2, 'snap'), 3, 'the snapshot has no source'],
  [
    'an unknown source',
    'CreateSnapshot',
    text(1, 'no-such') + text(2, 'snap'),
    5,
    'volume no-such not found',
  ],
  [
    'what ceph-csi has not either',
    'ListVolumes',
    '',
    12,
    'the simulated driver has no /csi.v1.Controller/ListVolumes',
  ],
  ['garbage', 'CreateVolume', 'ffff', 13, expect.stringContaining('is no CreateVolumeRequest')],
  ['a number for a message', 'CreateVolume', '1001', 13, expect.anything()],
])('refused in one sentence: %s', async (_what, method, hex, status, message) => {
  const { client } = await served();
  const reply = await client.call(CONTROLLER + method, hex);
  expect([reply.status, reply.message, reply.hex]).toEqual([status, message, '']);
});

test('frames that are no single message are refused, and the next call is served', async () => {
  const { path } = await served();
  const session = connect('http://localhost', { createConnection: () => createConnection(path) });
  const send = (hex: string) =>
    callOnce(session, `${CONTROLLER}DeleteVolume`, Buffer.from(hex, 'hex'));
  const compressed = await send('010000000100');
  expect(compressed.message).toBe('the request is compressed, which this driver cannot read');
  expect((await send('0000')).message).toBe('the request has no message');
  expect((await send('00000000ff00')).message).toBe('the request is not one message');
  expect((await send('00' + '00000000')).status).toBe(3);
  session.close();
});

test('calls wait until the driver is there', async () => {
  const { client, endpoint, driver } = await openDriver();
  const answers: number[] = [];
  const call = client.call('/csi.v1.Identity/Probe').then(({ status }) => answers.push(status));
  await systemClock().sleep(50_000);
  expect(answers).toEqual([]);
  endpoint.serve(driver);
  await call;
  expect(answers).toEqual([0]);
});

test('the socket is its owner alone, replaces a leftover, and nothing else', async () => {
  const { path } = await served();
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  const again = openCsiFace(path, () => {});
  await expect(again).rejects.toThrow(`--csi: another process serves ${path}`);

  const file = `${path}.txt`;
  writeFileSync(file, 'mine');
  await expect(openCsiFace(file, () => {})).rejects.toThrow('is no socket');
  const nowhere = join(path, 'csi.sock');
  await expect(openCsiFace(nowhere, () => {})).rejects.toThrow(UsageError);
});

test('a socket whose process is gone is replaced', async () => {
  const path = join(mkdtempSync(join(tmpdir(), 'bench-')), 'csi.sock');
  const left = createServer();
  await new Promise<void>((resolve) => left.listen(`${path}.live`, resolve));
  // Renamed, it stays when its server goes.
  renameSync(`${path}.live`, path);
  await new Promise((resolve) => left.close(resolve));
  const endpoint = await openCsiFace(path, () => {});
  await endpoint.close();
});

test('the address and the list of controllers are checked', () => {
  expect(parseCsiAddress('unix:///run/csi.sock')).toBe('/run/csi.sock');
  for (const wrong of ['/run/csi.sock', 'tcp://1.2.3.4:5', 'unix://run/csi.sock', '']) {
    expect(() => parseCsiAddress(wrong)).toThrow('--csi takes the address of a socket');
  }
  expect(() => parseCsiAddress(`unix:///${'x'.repeat(200)}`)).toThrow('at most 103 bytes');
  expect(parseControllers('*,-cdi', true)).toEqual([
    'cdi',
    'external-provisioner',
    'external-attacher',
    'external-resizer',
    'csi-snapshotter',
  ]);
  expect(parseControllers('*,external-attacher,external-resizer,csi-snapshotter', true)).toEqual([
    'external-provisioner',
  ]);
  expect(parseControllers('*,-cdi', false)).toEqual(['cdi']);
  expect(() => parseControllers('*,-csi-snapshotter', false)).toThrow('needs --csi');
  // Webhooks and subresources are the server's own: they may be left out, and cannot be had.
  expect(parseControllers('*,-virt-api,-cdi-apiserver,-scheduler', false)).toEqual(['scheduler']);
  expect(() => parseControllers('virt-api', false)).toThrow('never played on another server');
});
