/** `bench init`: writes a commented scenario to go on from; asks where somebody can answer. */

import type { CommandBody } from './command-body.ts';
import { existsSync } from 'node:fs';
import type { Argv } from 'yargs';
import { CLAIMS, VIRTUAL_MACHINES } from '../api/resources.ts';
import { EXIT } from '../core/exit-code.ts';
import { UsageError } from '../core/usage-error.ts';
import { writeAtomic } from '../core/write-atomic.ts';
import { isNotFound } from '../kube/api-error.ts';
import type { KubeClient } from '../kube/client.ts';
import type { Session } from '../run/session.ts';
import { templateFromVm } from '../run/vm-manifest.ts';
import { parseScenario } from '../scenario/parse.ts';
import { formatProblem } from '../scenario/problem.ts';
import { type Starter, writeStarter } from '../scenario/starter.ts';
import { withAccess } from './cluster-access.ts';
import {
  type ConnectionArguments,
  connectionOptions,
  requiredConnection,
} from './connection-options.ts';
import { once } from './options.ts';

interface InitArguments extends ConnectionArguments {
  readonly name?: string;
  readonly out?: string;
  readonly force: boolean;
  readonly image?: string;
  readonly size?: string;
  readonly cpu?: number;
  readonly memory?: string;
  readonly count?: number;
  readonly wave?: number;
  readonly class?: string;
  readonly snapshotClass?: string;
  readonly guest: string;
  readonly fromVm?: string;
  readonly namespace: string;
}

export function initCommand(session: Session): CommandBody<InitArguments> {
  return {
    builder: options,
    handler: (args) => init(session, args),
  };
}

function options(yargs: Argv): Argv {
  const text = (name: string, describe: string) =>
    ({ type: 'string', describe, coerce: once(name) }) as const;
  const own = yargs
    .positional('name', { type: 'string', describe: 'Of the scenario [default: my-vms]' })
    .option('out', text('out', 'The file [default: NAME.yaml]'))
    .option('force', { type: 'boolean', default: false, describe: 'Replace the file' })
    .option('image', text('image', 'URL of the disk image: http(s):// or docker://'))
    .option('size', text('size', 'Of the disk, such as 22Gi'))
    .option('cpu', { type: 'number', describe: 'vCPUs of a VM' })
    .option('memory', text('memory', 'Memory of a VM, such as 4Gi'))
    .option('count', { type: 'number', describe: 'How many VMs' })
    .option('wave', { type: 'number', describe: 'How many at a time' })
    .option('class', text('class', 'Storage class'))
    .option('snapshot-class', text('snapshot-class', 'VolumeSnapshotClass, or none'))
    .option('guest', {
      type: 'string',
      default: 'rhel9',
      describe: 'What boots on the simulated cluster: a guest profile',
    })
    .option('from-vm', text('from-vm', 'Takes image and VM from this VM of a cluster'))
    .option('namespace', {
      type: 'string',
      alias: 'n',
      default: 'default',
      describe: 'Where that VM is',
    });
  return connectionOptions(own)
    .example('bench init', 'asks for the few things it needs')
    .example('bench init web --image docker://quay.io/containerdisks/fedora:42 --memory 4Gi', '')
    .example('bench init web --from-vm web-1 -n shop --context prod', 'VMs like that one');
}

const DEFAULT = {
  name: 'my-vms',
  image: 'http://images.example/rhel9_uefi.qcow2',
  size: '22Gi',
  cpu: '2',
  memory: '4Gi',
  count: '100',
  wave: '50',
  class: 'ocs-storagecluster-ceph-rbd-virtualization',
  snapshotClass: 'ocs-storagecluster-rbdplugin-snapclass',
};

async function init(session: Session, args: InitArguments): Promise<void> {
  const asking = isBare(args);
  const answer = async (given: string | number | undefined, what: string, usual: string) => {
    if (given !== undefined) return String(given);
    const said = asking ? await session.host.ask(`${what} [${usual}]: `) : undefined;
    return said?.trim() ? said.trim() : usual;
  };
  const name = await answer(args.name, 'Name', DEFAULT.name);
  const file = args.out ?? `${name}.yaml`;
  if (existsSync(file) && !args.force) {
    throw new UsageError(`${file} is there already: --out names another file, --force replaces it`);
  }
  if (args.fromVm !== undefined) return fromVm(session, args, name, file);
  const starter: Starter = {
    name,
    image: {
      url: await answer(args.image, 'Disk image, a URL', DEFAULT.image),
      size: await answer(args.size, 'Size of the disk', DEFAULT.size),
    },
    vm: {
      cpu: toCount('cpu', await answer(args.cpu, 'vCPUs', DEFAULT.cpu)),
      memory: await answer(args.memory, 'Memory', DEFAULT.memory),
    },
    ...(await load(args, answer)),
    storageClass: await answer(args.class, 'Storage class', DEFAULT.class),
    snapshotClass: unlessNone(
      await answer(args.snapshotClass, 'VolumeSnapshotClass, or none', DEFAULT.snapshotClass),
    ),
    guest: args.guest,
  };
  write(session, file, starter);
}

type Answer = (given: string | number | undefined, what: string, usual: string) => Promise<string>;

async function load(args: InitArguments, answer: Answer) {
  const count = toCount('count', await answer(args.count, 'How many VMs', DEFAULT.count));
  const wave = toCount('wave', await answer(args.wave, 'How many at a time', DEFAULT.wave));
  return { count, wave: Math.min(wave, count) };
}

/** Nothing was said but perhaps a name: then it is asked for. */
function isBare(args: InitArguments): boolean {
  const { image, size, cpu, memory, count, wave, fromVm } = args;
  const said = [image, size, cpu, memory, count, wave, fromVm, args.class, args.snapshotClass];
  return said.every((value) => value === undefined);
}

function unlessNone(name: string | undefined): string | undefined {
  return name === 'none' ? undefined : name;
}

function toCount(option: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) {
    throw new UsageError(`--${option} ${text} is no number of 1 or more`);
  }
  return value;
}

async function fromVm(session: Session, args: InitArguments, name: string, file: string) {
  const choice = requiredConnection(args);
  const starter = await withAccess(session, choice, async ({ client }) =>
    readVm(client, args, name),
  );
  if (starter === undefined) return;
  write(session, file, starter);
}

async function readVm(client: KubeClient, args: InitArguments, name: string): Promise<Starter> {
  const { namespace, fromVm: vmName = '' } = args;
  const where = `${namespace}/${vmName}`;
  const vm = await read(client.get(VIRTUAL_MACHINES, { namespace, name: vmName }), `VM ${where}`);
  const template = templateFromVm(vm, name);
  if (template === undefined) throw new UsageError(`VM ${where} has no disk on a claim to clone`);
  const place = { namespace, name: template.claim };
  const claim = await read(client.get(CLAIMS, place), `claim ${namespace}/${template.claim}`);
  const size = claim.status?.capacity?.['storage'] ?? claim.spec.resources?.requests?.storage;
  return {
    name,
    image: { size: args.size ?? size ?? DEFAULT.size, claim: place },
    vm: { manifest: template.manifest },
    count: toCount('count', String(args.count ?? DEFAULT.count)),
    wave: toCount('wave', String(args.wave ?? DEFAULT.wave)),
    storageClass: args.class ?? claim.spec.storageClassName ?? DEFAULT.class,
    snapshotClass: unlessNone(args.snapshotClass),
    guest: args.guest,
  };
}

async function read<T>(answer: Promise<T>, what: string): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (isNotFound(error)) throw new UsageError(`there is no ${what}`);
    throw error;
  }
}

/** Writes the file and says what can be done with it; what would be no scenario is not written. */
function write({ screen, finish }: Session, file: string, starter: Starter): void {
  const text = writeStarter(starter);
  const parsed = parseScenario(text, file);
  if ('problems' in parsed) {
    for (const problem of parsed.problems) screen.print(`${formatProblem(problem)}\n`);
    screen.tell(`bench: that would be no scenario; ${file} was not written`);
    return finish(EXIT.usage);
  }
  writeAtomic(file, text);
  screen.print(`${file}: ${starter.count} VMs, ${starter.wave} at a time\n`);
  screen.tell(`next: bench plan ${file}; bench run ${file}`);
}
