/** Images and what the simulated ones hold. */

import { formatBytes, MIB } from '../core/bytes.ts';
import { sameJson } from '../core/json.ts';
import { GUEST_PROFILES, type GuestProfile } from '../parameters/guests.ts';
import type { ParameterOverrides } from '../parameters/parameters.ts';
import { PARAMETER_GROUPS } from '../parameters/parameters.ts';
import type { Report } from './problem.ts';
import type { Image, ImageOrigin, SimulatedImage, Simulation } from './scenario.ts';
import type { ImageDocument, ScenarioDocument } from './schema.ts';
import type { SimulatedImageDocument } from './simulation-schema.ts';
import { checkKnown } from './suggest.ts';

/** Of an image that the scenario does not describe: the RHEL 9 image of the article's author. */
const DATA_DEFAULT_BYTES = 4377 * MIB;

/** All images; snapshots are marked as needed later, once steps and templates are known. */
export function resolveImages(
  documents: ScenarioDocument['images'],
  report: Report,
): readonly Image[] {
  const images = Object.entries(documents).map(([key, document]) =>
    resolveImage(key, document, report),
  );
  for (const field of ['name', 'snapshotName'] as const) {
    const seen = new Map<string, string>();
    for (const image of images) {
      const place = `${image.namespace ?? ''}/${image[field]}`;
      const other = seen.get(place);
      if (other === undefined) seen.set(place, image.key);
      else {
        const message = `duplicate name ${JSON.stringify(image[field])}: image ${other} has it too`;
        report(['images', image.key, field], message, 'give each image its own name');
      }
    }
  }
  return images;
}

/** The `simulation` section, with content for every image. */
export function resolveSimulation(
  document: ScenarioDocument['simulation'],
  images: readonly Image[],
  report: Report,
): Omit<Simulation, 'losesPower'> {
  const { environment, release, storage, lab, seed, faults, twin, ...others } = document;
  const { images: contents, ...groups } = others;
  const keys = images.map((image) => image.key);
  for (const key of Object.keys(contents)) {
    checkKnown(key, keys, 'image', ['simulation', 'images', key], report, 'key');
  }
  const simulated = images.map((image) => simulatedImage(image, contents[image.key], report));
  checkContents(images, simulated, report);
  return {
    environment,
    release,
    storage,
    isBare: lab === 'bare',
    seed,
    images: simulated,
    parameters: collectOverrides(groups),
    faults,
    twin,
  };
}

function resolveImage(key: string, document: ImageDocument, report: Report): Image {
  return {
    key,
    origin: resolveOrigin(key, document, report),
    size: document.size,
    name: document.name ?? `${key}-image`,
    snapshotName: document.snapshotName ?? `${key}-snap`,
    namespace: document.namespace,
    snapshotNeeded: false,
  };
}

function resolveOrigin(key: string, document: ImageDocument, report: Report): ImageOrigin {
  const path = ['images', key];
  const { url, registry } = document.import ?? {};
  const { pvc, snapshot, dataSource } = document.from ?? {};
  const origins: ImageOrigin[] = [];
  if (url !== undefined) origins.push({ kind: 'http', url });
  if (registry !== undefined) origins.push({ kind: 'registry', url: registry });
  if (pvc) origins.push({ kind: 'pvc', namespace: pvc.namespace, name: pvc.name });
  if (snapshot) {
    origins.push({ kind: 'snapshot', namespace: snapshot.namespace, name: snapshot.name });
  }
  if (dataSource) {
    origins.push({ kind: 'dataSource', namespace: dataSource.namespace, name: dataSource.name });
  }
  const [origin] = origins;
  if (origin === undefined || origins.length > 1) {
    const message = `has ${origins.length === 0 ? 'no origin' : `${origins.length} origins`}`;
    const remedy =
      'give exactly one: import.url, import.registry, from.pvc, from.snapshot or from.dataSource';
    report(path, message, remedy, 'key');
  }
  return origin ?? { kind: 'http', url: '' };
}

function simulatedImage(
  image: Image,
  document: SimulatedImageDocument | undefined,
  report: Report,
): SimulatedImage {
  const dataBytes = document?.data?.bytes ?? Math.min(DATA_DEFAULT_BYTES, image.size.bytes);
  if (dataBytes > image.size.bytes) {
    const message = `is more than the image's size of ${formatBytes(image.size.bytes)}`;
    report(['simulation', 'images', image.key, 'data'], message, `use ${image.size.text} or less`);
  }
  return {
    key: image.key,
    dataBytes,
    guest: withServices(resolveGuest(document?.guest ?? 'rhel9'), document),
    isAssumed: document === undefined,
  };
}

/** One URL has one content: the simulated importer knows nothing else of an image. */
function checkContents(
  images: readonly Image[],
  simulated: readonly SimulatedImage[],
  report: Report,
): void {
  const first = new Map<string, SimulatedImage>();
  for (const [i, { origin }] of images.entries()) {
    const content = simulated[i];
    if (!('url' in origin) || content === undefined) continue;
    const other = first.get(origin.url);
    first.set(origin.url, other ?? content);
    if (other === undefined || sameJson(contentOf(other), contentOf(content))) continue;
    const message = `holds something else than image ${other.key} of the same URL`;
    report(['simulation', 'images', content.key], message, 'give one of them another URL', 'key');
  }
}

function contentOf({ dataBytes, guest }: SimulatedImage) {
  return { dataBytes, guest };
}

function resolveGuest(document: SimulatedImageDocument['guest']): GuestProfile | undefined {
  if (document === 'none') return undefined;
  if (typeof document === 'string') return GUEST_PROFILES[document];
  return {
    firmwareUs: document.firmware,
    cpuUs: document.cpu,
    readBytes: document.read.bytes,
    writeBytes: document.write.bytes,
    servicesUs: document.services,
    osName: document.osName,
  };
}

/** What the image brings beside its operating system, and what of that it lacks. */
function withServices(
  guest: GuestProfile | undefined,
  document: SimulatedImageDocument | undefined,
): GuestProfile | undefined {
  if (guest === undefined || document === undefined) return guest;
  const { agent, listens = {} } = document;
  const own = Object.entries(listens).map(([port, afterUs]) => ({ port: Number(port), afterUs }));
  const all = [...(guest.listens ?? []), ...own];
  return {
    ...guest,
    ...(agent ? {} : { hasAgent: false }),
    ...(all.length === 0 ? {} : { listens: all }),
  };
}

/** Only the groups and constants that the scenario names. */
function collectOverrides(groups: Readonly<Record<string, unknown>>): ParameterOverrides {
  const named = Object.entries(groups).filter(
    ([group, values]) => Object.hasOwn(PARAMETER_GROUPS, group) && values !== undefined,
  );
  return Object.fromEntries(named) as ParameterOverrides;
}
