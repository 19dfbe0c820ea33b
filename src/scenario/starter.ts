/** A first scenario, written for somebody who then goes on by hand: commented YAML. */

import { stringify } from 'yaml';

export interface Starter {
  /** Of the scenario, of its image and of its template: a DNS label. */
  readonly name: string;
  readonly storageClass: string;
  /** Undefined where the storage takes no snapshots. */
  readonly snapshotClass: string | undefined;
  readonly image: StarterImage;
  readonly vm: StarterVm;
  readonly count: number;
  readonly wave: number;
  /** What boots in it, for the simulated cluster: a guest profile. */
  readonly guest: string;
}

/** Where the disk comes from: a download, or a claim that is there already. */
export type StarterImage = { readonly size: string } & (
  | { readonly url: string }
  | { readonly claim: { readonly namespace: string; readonly name: string } }
);

/** The short form, or the manifest of a VM that was read from a cluster. */
export type StarterVm =
  | { readonly cpu: number; readonly memory: string }
  | { readonly manifest: Readonly<Record<string, unknown>> };

/** The text of the scenario file. */
export function writeStarter(starter: Starter): string {
  const { name, storageClass, snapshotClass, count, wave, guest } = starter;
  const sources = snapshotClass === undefined ? '[pvc]' : '[pvc, snapshot]';
  return `# Clones ${count} disks, deploys ${count} VMs and boots them, ${wave} at a time.
#   bench plan FILE        what it would do, and how much storage that takes
#   bench run FILE         on the simulated cluster; with --context NAME on a real one
name: ${scalar(name)}

storage:
  class: ${scalar(storageClass)}
${snapshotLine(snapshotClass)}
# The golden image that all disks are clones of; imported once, before the first step.
images:
  ${name}:
${imageLines(starter.image)}

# What a VM is. Short form: cpu, memory, disk; or a whole manifest in \`vm:\` or in \`file:\`.
templates:
  ${name}:
    image: ${scalar(name)}
${vmLines(starter.vm)}

steps:
  # How fast are disks cloned? The clones go when both arms are done.
  - clone:
      image: ${scalar(name)}
      sources: ${sources}
      count: ${count}
      wave: { size: ${wave} }
      cleanup: true
  # VMs with their disks, not started yet.
  - deploy: { template: ${scalar(name)}, count: ${count}, wave: { size: ${wave} } }
  # And now started: until: running, or guestReady where the image has the guest agent.
  - boot: { template: ${scalar(name)}, wave: { size: ${wave}, until: guestReady } }

# Only for the simulated cluster: what the image holds.
simulation:
  images:
    ${name}: { guest: ${scalar(guest)} }
`;
}

/** A value as YAML that reads back as the same text. */
function scalar(value: string): string {
  return stringify(value, { lineWidth: 0 }).trimEnd();
}

function snapshotLine(snapshotClass: string | undefined): string {
  if (snapshotClass === undefined)
    return '  # snapshotClass: NAME    for clones of a snapshot too\n';
  return `  snapshotClass: ${scalar(snapshotClass)}\n`;
}

function imageLines(image: StarterImage): string {
  const size = `    size: ${scalar(image.size)}`;
  if ('claim' in image) {
    const { namespace, name } = image.claim;
    return `    from: { pvc: { namespace: ${scalar(namespace)}, name: ${scalar(name)} } }\n${size}`;
  }
  const kind = /^https?:/.test(image.url) ? 'url' : 'registry';
  return `    import: { ${kind}: ${JSON.stringify(image.url)} }\n${size}`;
}

function vmLines(vm: StarterVm): string {
  if ('cpu' in vm) return `    cpu: ${vm.cpu}\n    memory: ${scalar(vm.memory)}`;
  const lines = stringify(vm.manifest, { lineWidth: 0 }).trimEnd().split('\n');
  return ['    vm:', ...lines.map((line) => `      ${line}`)].join('\n');
}
