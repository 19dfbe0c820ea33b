/** What a manifest must be to serve as a template; each rule names its place in the manifest. */

import type { Path } from './path.ts';
import { namesIn, PLACEHOLDERS } from './placeholder.ts';
import { isUnquotedKey, UNQUOTED } from './unquoted-placeholder.ts';
import type { Report } from './problem.ts';
import { listAt } from './root-disk.ts';
import { suggest } from './suggest.ts';
import { at, type Values } from './template.ts';

const SUBDOMAIN = /^(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/** True where the tree is a VirtualMachine at all; the other rules presume it. */
export function checkKind(tree: unknown, report: Report): boolean {
  if (tree === null || typeof tree !== 'object' || Array.isArray(tree)) {
    report([], 'holds no VirtualMachine', 'give the manifest of one VirtualMachine');
    return false;
  }
  const kind = at(tree, 'kind');
  const version = formatText(at(tree, 'apiVersion'));
  const group = version.split('/')[0];
  if (kind === 'VirtualMachine' && group === 'kubevirt.io') return true;
  const what = kind === 'VirtualMachine' ? `of apiVersion ${version}` : formatText(kind);
  const found = kind === undefined ? 'something without a kind' : what;
  report(
    [kind === 'VirtualMachine' ? 'apiVersion' : 'kind'],
    `holds no VirtualMachine of kubevirt.io but ${found}`,
    'give the manifest of one VirtualMachine (apiVersion: kubevirt.io/v1)',
  );
  return false;
}

/** Placeholders that are unknown, or have no value in this template. */
export function checkPlaceholders(tree: unknown, values: Values, report: Report): void {
  walk(tree, [], (text, path, spot) => {
    if (spot === 'key' && isUnquotedKey(text)) {
      report(path.slice(0, -1), UNQUOTED.message, UNQUOTED.remedy);
      return;
    }
    for (const name of namesIn(text)) checkName(name, values, path, spot, report);
    if (/\{\{|\}\}/.test(text.replaceAll(/\{\{[^{}]*\}\}/g, ''))) {
      report(path, 'a placeholder is not closed', 'write it as {{index}}', spot);
    }
  });
}

/** Started VMs, names that do not tell VMs apart, names that Kubernetes refuses. */
export function checkVm(tree: unknown, namespace: string | undefined, report: Report): void {
  checkRunning(tree, report);
  checkNamespace(tree, namespace, report);
  if (at(tree, 'spec', 'template', 'spec') === undefined) {
    report(['spec'], 'has no spec.template.spec', 'describe the VM instance there');
  }
  const name = at(tree, 'metadata', 'name');
  if (name !== undefined) checkObjectName(name, ['metadata', 'name'], report);
  const seen = new Set<unknown>();
  listAt(tree, 'spec', 'dataVolumeTemplates').forEach((disk, i) => {
    const path = ['spec', 'dataVolumeTemplates', i, 'metadata', 'name'];
    const diskName = at(disk, 'metadata', 'name');
    checkObjectName(diskName, path, report);
    if (seen.has(diskName)) {
      report(path, `duplicate name ${JSON.stringify(diskName)}`, 'give each disk its own name');
    }
    seen.add(diskName);
  });
}

function checkRunning(tree: unknown, report: Report): void {
  const running = at(tree, 'spec', 'running');
  const strategy = at(tree, 'spec', 'runStrategy');
  const remedy = 'write `runStrategy: Halted`; boot steps start VMs';
  if (running === undefined && strategy === undefined) {
    report(['spec'], 'has neither running nor runStrategy', remedy, 'key');
  } else if (running !== undefined && strategy !== undefined) {
    report(['spec', 'runStrategy'], 'has both running and runStrategy', remedy, 'key');
  } else if (running !== undefined && running !== false) {
    report(['spec', 'running'], 'would start at once', remedy);
  } else if (strategy !== undefined && strategy !== 'Halted' && strategy !== 'Manual') {
    report(['spec', 'runStrategy'], 'would start at once', 'write `runStrategy: Halted`');
  }
}

function checkNamespace(tree: unknown, namespace: string | undefined, report: Report): void {
  const written = at(tree, 'metadata', 'namespace');
  if (written === undefined || written === '{{namespace}}' || written === namespace) return;
  report(
    ['metadata', 'namespace'],
    `VMs live in the run's namespace, not in ${JSON.stringify(written)}`,
    `remove it, or set \`namespace: ${formatText(written)}\` in the scenario`,
  );
}

/** Names of VMs and their disks must differ from machine to machine and be DNS-1123. */
function checkObjectName(name: unknown, path: Path, report: Report): void {
  if (typeof name !== 'string') {
    const message = name === undefined ? 'a disk has no name' : 'is no text';
    report(path, message, 'name it for example root-{{index}}');
    return;
  }
  const used = namesIn(name);
  if (!used.includes('index') && !used.includes('name')) {
    report(
      path,
      `all VMs would share the name ${JSON.stringify(name)}`,
      `add the index: ${name}-{{index}}`,
    );
  } else if (!SUBDOMAIN.test(name.replaceAll(/\{\{[^{}]*\}\}|placeholder/g, '1'))) {
    report(
      path,
      `${JSON.stringify(name)} is no DNS-1123 name`,
      'use lower-case letters, digits, - and .',
    );
  }
}

function checkName(name: string, values: Values, path: Path, spot: Spot, report: Report): void {
  if (values[name] !== undefined) return;
  const known = PLACEHOLDERS.filter((candidate) => values[candidate] !== undefined);
  const message = `placeholder {{${name}}} is left unresolved`;
  const needsImage = (PLACEHOLDERS as readonly string[]).includes(name);
  const remedy = needsImage
    ? 'give the template an `image`, or storage the field that it stands for'
    : suggest(name, known, 'placeholder');
  report(path, message, remedy, spot);
}

type Spot = 'key' | 'value';

function walk(
  node: unknown,
  path: Path,
  visit: (text: string, path: Path, spot: Spot) => void,
): void {
  if (typeof node === 'string') visit(node, path, 'value');
  else if (Array.isArray(node)) node.forEach((item, i) => walk(item, [...path, i], visit));
  else if (node !== null && typeof node === 'object') {
    for (const [key, value] of Object.entries(node)) {
      visit(key, [...path, key], 'key');
      walk(value, [...path, key], visit);
    }
  }
}

function formatText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? null);
}
