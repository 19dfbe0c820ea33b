/** Templates read, checked and joined with the image of their root disk. */

import { parseBytes } from '../core/bytes.ts';
import { deepFreeze } from '../core/json.ts';
import type { Path } from './path.ts';
import { type Problem, type Report, reporter } from './problem.ts';
import type { ReadFile } from './read-file.ts';
import { findCloneReference, listAt, findRootDisk } from './root-disk.ts';
import type { Image, Storage } from './scenario.ts';
import type { TemplateDocument } from './schema.ts';
import { expandShortVm, isShortVm } from './short-vm.ts';
import { checkKnown } from './suggest.ts';
import { storageValues } from './storage-values.ts';
import {
  at,
  compileTemplate,
  OF_THE_RUN,
  type Template,
  type TemplateDisk,
  type Values,
} from './template.ts';
import { checkKind, checkVm, checkPlaceholders } from './template-rules.ts';
import { locate, parseYaml, plainValue } from './yaml-source.ts';

export interface TemplateContext {
  readonly images: readonly Image[];
  readonly storage: Storage;
  readonly namespace: string | undefined;
  readonly readFile: ReadFile;
  readonly problems: Problem[];
  readonly report: Report;
}

/** Stands for the run's namespace and id while templates are checked. */
const SAMPLE_RUN = { namespace: 'namespace-of-the-run', runId: 'run' };

/** All templates without problems. */
export function resolveTemplates(
  documents: Readonly<Record<string, TemplateDocument>>,
  context: TemplateContext,
): readonly Template[] {
  return Object.entries(documents).flatMap(([key, document]) => {
    const manifest = resolveManifest(key, document, context);
    return manifest ? (resolveTemplate(key, document, manifest, context) ?? []) : [];
  });
}

/** Images whose snapshot some disk of the template is cloned from. */
export function snapshotsUsed(template: Template, images: readonly Image[]): readonly string[] {
  const tree = compileTemplate(template, SAMPLE_RUN).manifest(1);
  const clones = listAt(tree, 'spec', 'dataVolumeTemplates').map(findCloneReference);
  return images
    .filter((image) =>
      clones.some(
        (clone) =>
          clone?.source === 'snapshot' &&
          clone.name === image.snapshotName &&
          (clone.namespace ?? SAMPLE_RUN.namespace) === (image.namespace ?? SAMPLE_RUN.namespace),
      ),
    )
    .map((image) => image.key);
}

interface Manifest {
  readonly tree: unknown;
  readonly report: Report;
}

/** The manifest of a template and how to report problems inside it. */
function resolveManifest(
  key: string,
  document: TemplateDocument,
  context: TemplateContext,
): Manifest | undefined {
  const path = ['templates', key];
  const forms = [document.file !== undefined, document.vm !== undefined, isShortVm(document)];
  const given = forms.filter(Boolean).length;
  if (given !== 1) {
    const message = given === 0 ? 'has no manifest' : 'describes its VM twice';
    context.report(path, message, 'give exactly one of file, vm, and cpu with memory', 'key');
    return undefined;
  }
  if (document.file !== undefined) return readManifest(document.file, [...path, 'file'], context);
  if (document.vm === undefined) {
    return {
      tree: expandShortVm(key, document, context.storage),
      report: (_, ...rest) => context.report(path, ...rest),
    };
  }
  const prefix = [...path, 'vm'];
  return {
    tree: document.vm,
    report: (below, ...rest) => context.report([...prefix, ...below], ...rest),
  };
}

function readManifest(file: string, path: Path, context: TemplateContext): Manifest | undefined {
  const read = context.readFile(file);
  if ('message' in read) {
    context.report(path, `${file}: ${read.message}`, read.remedy);
    return undefined;
  }
  const source = parseYaml(read.text, read.file);
  const plain = 'document' in source ? plainValue(source) : source;
  if (!('document' in source) || !('value' in plain)) {
    context.problems.push(...(plain as readonly Problem[]));
    return undefined;
  }
  const report = reporter(context.problems, (below, spot) => locate(source, below, spot));
  return { tree: plain.value, report };
}

function resolveTemplate(
  key: string,
  document: TemplateDocument,
  manifest: Manifest,
  context: TemplateContext,
): Template | undefined {
  const { report } = manifest;
  const tree = deepFreeze(manifest.tree);
  const before = context.problems.length;
  if (!checkKind(tree, report)) return undefined;
  const image = findImage(key, document, tree, context);
  const values = collectValues(image, context.storage);
  checkPlaceholders(tree, { ...values, ...SAMPLE_RUN, ...EACH, template: key }, report);
  if (context.problems.length === before) checkVm(tree, context.namespace, report);
  if (context.problems.length > before) return undefined;
  const rendered = compileTemplate({ key, tree, values }, SAMPLE_RUN).manifest(1);
  const disks = listAt(rendered, 'spec', 'dataVolumeTemplates');
  const root = findRootDisk(rendered);
  return {
    key,
    image: image?.key,
    source: root === undefined ? undefined : findCloneReference(disks[root])?.source,
    tree,
    values,
    runField: at(tree, 'spec', 'running') === undefined ? 'runStrategy' : 'running',
    disks: disks.map((disk, i) => resolveDisk(disk, i, image, report)),
  };
}

/** Placeholders that every VM has a value for. */
const EACH = { index: 1, name: 'vm-1' };

/** The image named, else the one that the root disk refers to, else that of the same key. */
function findImage(
  key: string,
  document: TemplateDocument,
  tree: unknown,
  context: TemplateContext,
): Image | undefined {
  const { images } = context;
  if (document.image !== undefined) {
    const keys = images.map((image) => image.key);
    checkKnown(document.image, keys, 'image', ['templates', key, 'image'], context.report);
    return images.find((image) => image.key === document.image);
  }
  const disks = listAt(tree, 'spec', 'dataVolumeTemplates');
  const root = findRootDisk(tree);
  const clone = root === undefined ? undefined : findCloneReference(disks[root]);
  return (
    images.find((image) => clone && clone.name === imageName(image, clone.source)) ??
    images.find((image) => image.key === key) ??
    (images.length === 1 ? images[0] : undefined)
  );
}

function imageName(image: Image, source: 'pvc' | 'snapshot'): string {
  return source === 'pvc' ? image.name : image.snapshotName;
}

function collectValues(image: Image | undefined, storage: Storage): Values {
  return {
    ...(image && {
      image: image.key,
      pvc: image.name,
      snapshot: image.snapshotName,
      imageNamespace: image.namespace ?? OF_THE_RUN,
      size: image.size.text,
    }),
    ...storageValues(storage),
  };
}

/** A disk with its size, which a clone may leave to its source. */
function resolveDisk(
  disk: unknown,
  index: number,
  image: Image | undefined,
  report: Report,
): TemplateDisk {
  const spec = at(disk, 'spec');
  const written =
    at(spec, 'pvc', 'resources', 'requests', 'storage') ??
    at(spec, 'storage', 'resources', 'requests', 'storage');
  const bytes = written === undefined ? undefined : parseBytes(formatText(written));
  const known =
    bytes ?? (written === undefined && findCloneReference(disk) ? image?.size.bytes : undefined);
  if (known === undefined) {
    const path = ['spec', 'dataVolumeTemplates', index, 'spec'];
    report(path, 'a disk has no size', 'set pvc.resources.requests.storage, such as 22Gi', 'key');
  }
  return { sizeBytes: known ?? 0 };
}

/** A quantity as text; YAML may hold a bare number. */
function formatText(value: unknown): string {
  return typeof value === 'number' ? String(value) : typeof value === 'string' ? value : '';
}
