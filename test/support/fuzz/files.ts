/**
 * The files that bench reads, by kind: a good one of each, and the commands that read it. One input
 * is one damaged file and one of the commands, by dice.
 */

import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { EXIT } from '../../../src/core/exit-code.ts';
import type { Rng } from '../../../src/core/rng.ts';
import { EXPORT_FORMATS } from '../../../src/report/export/formats.ts';
import { commandFault, runWhole } from './in-process.ts';
import { mutate } from './mutate.ts';

type One = (rng: Rng) => Promise<string | undefined>;

interface Damageable {
  readonly path: string;
  readonly commands: readonly (readonly string[])[];
}

/** So many inputs are read by their command once as from a shell. */
const WHOLE_EVERY = 500;

const STORAGE = `storage: { class: ocs-storagecluster-ceph-rbd-virtualization, snapshotClass: ocs-storagecluster-rbdplugin-snapclass }
images: { rhel9: { import: { url: "http://images.example/rhel9.qcow2" }, size: 22Gi } }
`;

const SCENARIO = `name: fuzzed
${STORAGE}templates: { rhel9: { file: vm.yaml } }
steps:
  - clone: { image: rhel9, sources: [pvc, snapshot], count: 2, wave: { size: 2, pause: 5s } }
  - deploy: { template: rhel9, count: 2 }
  - boot: { template: rhel9, count: 1, wave: { until: guestReady, timeout: 10m } }
  - act: { on: deploy rhel9, count: 1, label: { tried: "yes" }, until: { jsonpath: "{.metadata.labels.tried}=yes" } }
simulation: { images: { rhel9: { guest: rhel9, data: 4Gi } } }
slo: [{ metric: clone, percentile: p95, max: 10m }]
`;

const TEMPLATE = `apiVersion: kubevirt.io/v1
kind: VirtualMachine
metadata: { name: "vm-{{index}}" }
spec:
  runStrategy: Halted
  dataVolumeTemplates:
    - metadata: { name: "vm-{{index}}-root" }
      spec:
        source: { snapshot: { namespace: "{{imageNamespace}}", name: "{{snapshot}}" } }
        pvc:
          accessModes: "{{accessModes}}"
          volumeMode: "{{volumeMode}}"
          storageClassName: "{{storageClass}}"
          resources: { requests: { storage: "{{size}}" } }
  template:
    spec:
      domain:
        cpu: { sockets: 2, cores: 1, threads: 1 }
        memory: { guest: 4Gi }
        devices: { disks: [{ name: root, disk: { bus: virtio } }] }
      volumes: [{ name: root, dataVolume: { name: "vm-{{index}}-root" } }]
`;

const STUDY = `name: asked
scenario: fuzzed.yaml
set: { steps.0.clone.count: 2 }
vary: { steps.1.deploy.count: [1, 2] }
repeat: 2
targets: [{ name: here, embedded: true, seed: 3, set: { simulation.nodes.count: 6 } }]
`;

const ACKNOWLEDGEMENTS = `acknowledged:
- { scenario: fuzzed, metric: clone, since: a, reason: looked into, until: 2099-01-01 }
- { metric: [clone, vmiRunning], statistic: p95, since: 2020-01-01, reason: known, until: 2099-01-01 }
`;

const TWIN = `simulation: { seed: 3, api: { roundTrip: 3ms } }
fitted:
  schema: bench/twin/v1
  constants:
    - { constant: api.roundTrip, value: 3ms, lo: 2ms, hi: 4ms, was: 1ms, logError: 0.02, tiedTo: [], stages: [boot], runs: [a] }
  notIdentified: [{ constant: manager.latency, why: too short }]
  counters: { flattens: 0 }
`;

const SERIES = `time,value\n${Array.from({ length: 40 }, (_, i) => `2026-01-${String(1 + (i % 28)).padStart(2, '0')},${30 + ((i * 7) % 5) + (i > 20 ? 9 : 0)}`).join('\n')}\n`;

interface Site {
  readonly folder: string;
  readonly scenario: string;
  readonly results: string;
  readonly nights: string;
}

/** What makes the good file, and says who reads it. */
export const FILE_KINDS = {
  scenario: async ({ scenario }) => ({ path: scenario, commands: [['validate', scenario]] }),
  template: async ({ folder, scenario }) => ({
    path: join(folder, 'vm.yaml'),
    commands: [['validate', scenario]],
  }),
  study: async ({ folder }) => {
    const path = written(folder, 'study.yaml', STUDY);
    return { path, commands: [['validate', path]] };
  },
  twin: async ({ folder, scenario }) => {
    const path = written(folder, 'twin.yaml', TWIN);
    return { path, commands: [['capacity', scenario, '--twin', path]] };
  },
  acknowledgements: async (site) => {
    const path = written(site.folder, 'ack.yaml', ACKNOWLEDGEMENTS);
    await makeRuns(site);
    return { path, commands: [gateOf(site, 'a', ['--ack', path])] };
  },
  series: async ({ folder }) => {
    const path = written(folder, 'series.csv', SERIES);
    return { path, commands: [['trend', '--series', path, '--json']] };
  },
  history: async (site) => {
    const run = await makeRuns(site);
    // Computed anew from what is damaged.
    rmSync(join(run, 'summary.json'));
    return { path: join(run, 'history.ndjson'), commands: readersOf(site) };
  },
  summary: async (site) => ofRun(site, 'summary.json'),
  manifest: async (site) => ofRun(site, 'manifest.json'),
  nights: async (site) => {
    await makeRuns(site);
    const commands = [['trend', site.nights], gateOf(site, 'a')];
    return { path: firstFile(site.nights), commands };
  },
  index: async (site) => {
    const { folder, scenario, results } = site;
    const vary = ['--vary', 'steps.0.clone.count=1,2', '--study-id', 's', '--jobs', '1'];
    await made(['study', scenario, ...vary, '--results', results, '--no-report']);
    const group = join(results, 'fuzzed', 's');
    const merged = ['study', 'merge', group];
    return {
      path: join(group, 'group.json'),
      commands: [
        [...merged, '--json'],
        [...merged, '--reports', join(folder, 'reports')],
        ['compare', 's', 's', '--results', results],
        ['trend', results],
      ],
    };
  },
  state: async ({ folder }) => {
    const path = join(folder, 'state');
    const kept = ['--state', path, '--insecure-http', '--port', '0', '--speed', '1000'];
    const written = ['--write-kubeconfig', join(folder, 'kubeconfig')];
    const commands = [['cluster', ...kept, ...written]];
    await made(['cluster', ...kept, ...written]);
    return { path, commands };
  },
} satisfies Readonly<Record<string, (site: Site) => Promise<Damageable>>>;

export type FileKind = keyof typeof FILE_KINDS;

export async function fileFuzz(kind: FileKind, folder: string): Promise<One> {
  written(folder, 'vm.yaml', TEMPLATE);
  const scenario = written(folder, 'fuzzed.yaml', SCENARIO);
  const [results, nights] = [join(folder, 'results'), join(folder, 'nights')];
  const { path, commands } = await FILE_KINDS[kind]({ folder, scenario, results, nights });
  const text = readFileSync(path, 'utf8');
  // Nothing can be resumed here: what counts is how that is said.
  for (const command of commands) if (command[0] !== 'resume') await made(command);
  return async (rng) => {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, mutate(text, rng), 'latin1');
    const command = commands[rng.integer(commands.length)] ?? [];
    const isWhole = rng.integer(WHOLE_EVERY) === 0;
    const fault = isWhole ? (await runWhole(command)).fault : await commandFault(command);
    return fault === undefined ? undefined : `${command.join(' ')}: ${fault}`;
  };
}

function written(folder: string, name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const UNPREPARED: ReadonlySet<number | undefined> = new Set([undefined, EXIT.error, EXIT.usage]);

async function made(command: readonly string[]): Promise<void> {
  const { fault, code, text } = await runWhole(command);
  if (fault === undefined && !UNPREPARED.has(code)) return;
  throw new Error(`cannot prepare: ${command.join(' ')}: exit ${code}: ${fault ?? text}`);
}

/** Three nights of one history; the folder of the run that is damaged, b. */
async function makeRuns({ scenario, results, nights }: Site): Promise<string> {
  for (const run of ['a', 'b', 'c']) {
    const gated = ['--gate', '--history', nights, '--seed', String(run.charCodeAt(0))];
    await made(['run', scenario, '--no-report', '--results', results, '--run-id', run, ...gated]);
  }
  return join(results, 'fuzzed', 'b');
}

async function ofRun(site: Site, file: string): Promise<Damageable> {
  const run = await makeRuns(site);
  return { path: join(run, file), commands: readersOf(site) };
}

function gateOf({ results, nights }: Site, run: string, more: readonly string[] = []) {
  return ['gate', run, '--results', results, '--history', nights, '--dry-run', '--json', ...more];
}

function readersOf(site: Site): readonly (readonly string[])[] {
  const { results, folder } = site;
  const nowhere = ['--kubeconfig', join(folder, 'none')];
  return [
    ...EXPORT_FORMATS.map((format) => ['export', 'b', '--format', format, '--results', results]),
    ['compare', 'a', 'b', '--results', results],
    ['compare', 'b', 'a', '--results', results, '--json'],
    gateOf(site, 'b'),
    ['resume', 'b', '--results', results, '--no-report', ...nowhere],
    ['trend', results],
  ];
}

function firstFile(folder: string): string {
  const entry = readdirSync(folder, { withFileTypes: true }).find(
    ({ name }) => !name.startsWith('.'),
  );
  const path = join(folder, entry?.name ?? '');
  return entry?.isDirectory() ? firstFile(path) : path;
}
