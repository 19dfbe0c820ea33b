/** Every kind of bad input: where it is shown, what is said, and what would help. */

import { describe, expect, test } from 'vitest';
import { formatProblem } from '../../src/scenario/problem.ts';
import { listProblems, SCENARIO, type Sample, spoilt, TEMPLATE } from './sample.ts';

type Case = readonly [name: string, sample: Sample, ...problems: readonly string[]];

/** The scenario with a part replaced. */
const scenario = (from: string, to: string): Sample => ({ scenario: spoilt(SCENARIO, from, to) });
const template = (from: string, to: string): Sample => ({ template: spoilt(TEMPLATE, from, to) });
const set = (...overrides: string[]): Sample => ({ set: overrides });
const more = (text: string): Sample => ({ scenario: `${SCENARIO}${text}\n` });

const FIELDS: readonly Case[] = [
  [
    'unknown field',
    scenario('count: 200', 'coutn: 200'),
    's.yaml:10:7 steps.0.clone.coutn: unknown field "coutn"\n  did you mean "count"?',
  ],
  [
    'unknown field at the top',
    scenario('name: demo', 'name: demo\nimagse: {}'),
    's.yaml:2:1 imagse: unknown field "imagse"\n  did you mean "images"?',
  ],
  [
    'a placeholder without quotes',
    scenario('count: 200', 'count: {{index}}'),
    's.yaml:10:14 steps.0.clone.count: a placeholder without quotes is YAML for a map\n  quote it: "{{index}}"',
  ],
  [
    'unknown step',
    scenario('- clone:', '- clon:'),
    's.yaml:8:5 steps.0.clon: unknown field "clon"\n  did you mean "clone"?',
  ],
  [
    'unknown field without a neighbour',
    scenario('name: demo', 'name: demo\nzzzzzzzzzzzz: 1'),
    's.yaml:2:1 zzzzzzzzzzzz: unknown field "zzzzzzzzzzzz"\n  known fields: name, description, series, namespace, storage, images, templates, steps, timeouts, errorBudget, waveErrorBudget, slo, metrics, simulation',
  ],
  [
    'prototype members are no fields',
    more('__proto__: { a: 1 }'),
    's.yaml:16:1 __proto__: unknown field "__proto__"\n  known fields: name, description, series, namespace, storage, images, templates, steps, timeouts, errorBudget, waveErrorBudget, slo, metrics, simulation',
  ],
  [
    'wrong type: text for a number',
    scenario('count: 200', 'count: many'),
    's.yaml:10:14 steps.0.clone.count: expected a whole number, got text "many"\n  write a whole number. Clones per arm.',
  ],
  [
    'wrong type: fraction',
    scenario('count: 200', 'count: 2.5'),
    's.yaml:10:14 steps.0.clone.count: expected a whole number, got number 2.5\n  write a whole number. Clones per arm.',
  ],
  [
    'a duration longer than any run',
    scenario('pause: 30s', 'pause: 4000d'),
    's.yaml:11:33 steps.0.clone.wave.pause: a duration is at most ten years\n  write a duration such as 30s or 1h30m. From the end of a wave to the next. Default: 0s.',
  ],
  [
    'wrong type: duration without a unit',
    scenario('pause: 30s', 'pause: 30'),
    's.yaml:11:33 steps.0.clone.wave.pause: expected a duration, got number 30\n  write a duration such as 30s or 1h30m. From the end of a wave to the next. Default: 0s.',
  ],
  [
    'wrong unit of size',
    scenario('size: 22Gi', 'size: 22GB'),
    's.yaml:4:55 images.rhel9.size: text "22GB" is no size\n  write a size such as 22Gi or 4377Mi. How large the disk is.',
  ],
  [
    'wrong type: list for fields',
    scenario('storage: { class: rbd, snapshotClass: snaps }', 'storage: []'),
    's.yaml:2:10 storage: expected fields, got a list\n  Where disks live.',
  ],
  [
    'missing section',
    scenario('storage: { class: rbd, snapshotClass: snaps }\n', ''),
    's.yaml:1:1 storage: is missing\n  Where disks live.',
  ],
  [
    'missing field',
    scenario('      count: 200\n', ''),
    's.yaml:9:7 steps.0.clone.count: is missing\n  write a whole number. Clones per arm.',
  ],
  [
    'count 0',
    scenario('count: 200', 'count: 0'),
    's.yaml:10:14 steps.0.clone.count: is 0, less than 1\n  use 1 or more',
  ],
  [
    'unknown milestone',
    scenario('until: guestReady', 'until: gestReady'),
    's.yaml:15:32 steps.2.boot.wave.until: text "gestReady" is not what can stand here\n  did you mean "guestReady"? one of: guestReady, running, ip, none; write a guest goal such as { ip: true } or { tcp: 22 } or { http: URL }. The milestone. What the guest shows, where its image has no guest agent.',
  ],
  [
    'guests that are asked two things',
    scenario('until: guestReady', 'until: { tcp: 22, ip: true }'),
    's.yaml:15:25 steps.2.boot.wave.until: says several things\n  give exactly one of ip, tcp and http',
  ],
  [
    'a URL that asks somebody else',
    scenario('until: guestReady', 'until: { http: "http://other.example/{{ip}}" }'),
    "s.yaml:15:40 steps.2.boot.wave.until.http: does not ask the guest: its host has to be the guest's address\n  write it like http://{{ip}}:8080/healthz",
  ],
  [
    'a placeholder that stands for nothing in what is done to an object',
    scenario(
      '  - boot:',
      '  - act: { on: { kind: Pod, name: x }, patch: { spec: { a: "{{nmae}}" } } }\n  - boot:',
    ),
    's.yaml:13:10 steps.2.act: placeholder {{nmae}} is left unresolved\n  did you mean "name"?',
  ],
  [
    'one that stands for nothing in what a program is given',
    scenario(
      '  - boot:',
      '  - act: { on: { kind: Node, name: x }, external: "./fence.sh {{nmae}}" }\n  - boot:',
    ),
    's.yaml:13:10 steps.2.act: placeholder {{nmae}} is left unresolved\n  did you mean "name"?',
  ],
  [
    'a URL with a password',
    scenario('until: guestReady', 'until: { http: "http://me:secret@{{ip}}/" }'),
    "s.yaml:15:40 steps.2.boot.wave.until.http: does not ask the guest: its host has to be the guest's address\n  write it like http://{{ip}}:8080/healthz",
  ],
  [
    'a name that breaks DNS-1123',
    scenario('name: demo', 'name: Demo_1'),
    's.yaml:1:7 name: text "Demo_1" is no DNS-1123 label\n  write a DNS-1123 label such as rhel9. Names the folders of results.',
  ],
  [
    'a key that breaks DNS-1123',
    scenario('templates:\n  rhel9:', 'templates:\n  RHEL_9:'),
    's.yaml:6:3 templates.RHEL_9: the name "RHEL_9" is no DNS-1123 label\n  use lower-case letters, digits and -, at most 63, a letter or digit at both ends',
  ],
  [
    'wrong alternative',
    more('simulation: { images: { rhel9: { guest: 3 } } }'),
    's.yaml:16:41 simulation.images.rhel9.guest: number 3 is not what can stand here\n  one of: rhel9, windows11, none. What boots from the image: a profile, its own figures, or none.',
  ],
  [
    'unknown constant of the simulation',
    more('simulation:\n  provisioner: { qsp: 50 }'),
    's.yaml:17:18 simulation.provisioner.qsp: unknown field "qsp"\n  did you mean "qps"?',
  ],
  [
    'several at once, in reading order',
    {
      scenario: spoilt(spoilt(SCENARIO, 'count: 200', 'count: 0'), 'size: 22Gi', 'size: big'),
    },
    's.yaml:4:55 images.rhel9.size: text "big" is no size\n  write a size such as 22Gi or 4377Mi. How large the disk is.',
    's.yaml:10:14 steps.0.clone.count: is 0, less than 1\n  use 1 or more',
  ],
];

const RULES: readonly Case[] = [
  [
    'wave larger than count',
    scenario('count: 200', 'count: 50'),
    's.yaml:11:21 steps.0.clone.wave.size: a wave of 100 is larger than the count of 50\n  use 50 or less, or raise the count',
  ],
  [
    'unknown image',
    scenario('image: rhel9', 'image: rhel8'),
    's.yaml:9:14 steps.0.clone.image: unknown image "rhel8"\n  did you mean "rhel9"?',
  ],
  [
    'unknown template',
    scenario('deploy: { template: rhel9', 'deploy: { template: rhle9'),
    's.yaml:12:25 steps.1.deploy.template: unknown template "rhle9"\n  did you mean "rhel9"?',
  ],
  [
    'more boots than deployed VMs',
    scenario('- boot:\n', '- boot:\n      count: 30\n'),
    's.yaml:14:14 steps.2.boot.count: asks for 30 VMs: 20 of template rhel9 are deployed and not yet started by then\n  deploy more before',
  ],
  [
    'a second boot finds nothing to boot',
    more('  - boot: { template: rhel9 }'),
    's.yaml:16:23 steps.3.boot.template: nothing to boot: 0 of template rhel9 are deployed and not yet started by then\n  deploy more before',
  ],
  [
    'two steps of one name',
    {
      scenario: spoilt(
        spoilt(SCENARIO, '- clone:\n', '- clone:\n      name: a\n'),
        '- boot:\n',
        '- boot:\n      name: a\n',
      ),
    },
    's.yaml:15:13 steps.2.boot.name: duplicate name: another step is called "a"\n  give each step its own name',
  ],
  [
    'two images of one key',
    scenario('images:\n', 'images:\n  rhel9: { import: { url: "http://a/b" }, size: 1Gi }\n'),
    's.yaml:5:3: duplicate name rhel9: it stands here twice\n  rename or remove one of them',
  ],
  [
    'two images of one object name',
    scenario(
      'images:\n',
      'images:\n  fedora: { import: { url: "http://a/b" }, size: 1Gi, name: rhel9-image }\n',
    ),
    's.yaml:5:10 images.rhel9.name: duplicate name "rhel9-image": image fedora has it too\n  give each image its own name',
  ],
  [
    'two templates that make VMs of one name',
    {
      scenario: spoilt(
        spoilt(SCENARIO, 'templates:\n', 'templates:\n  other: { file: vm.yaml }\n'),
        '  - boot:',
        '  - deploy: { template: other, count: 3 }\n  - boot:',
      ),
    },
    's.yaml:7:3 templates.rhel9: duplicate name: VirtualMachine "vm-1" is also made by template other\n  make the names differ, for example with the index or the template key',
  ],
  [
    'a step that does nothing',
    scenario('  - boot:', '  - {}\n  - boot:'),
    's.yaml:13:5 steps.2: does nothing\n  give exactly one of: clone, deploy, boot, stop, delete, cleanup, apply, act, pause, churn, together',
  ],
  [
    'a step that does two things',
    scenario('  - boot:', '    boot:'),
    's.yaml:13:5 steps.1.boot: does several things: deploy, boot\n  make each of them a step of its own (begin it with "- ")',
  ],
  [
    'snapshots without a snapshot class',
    scenario(', snapshotClass: snaps', ''),
    's.yaml:2:10 storage.snapshotClass: is missing: snapshots of image rhel9 are cloned\n  name a VolumeSnapshotClass of the same driver',
  ],
  [
    'closed and open loop at once',
    scenario('pause: 30s', 'pause: 30s, every: 10s'),
    's.yaml:11:26 steps.0.clone.wave.pause: pause belongs to closed-loop waves, every to open-loop waves\n  remove pause or every',
  ],
  [
    'waves that would overlap',
    scenario('pause: 30s', 'every: 10s, ramp: 20s'),
    's.yaml:11:44 steps.0.clone.wave.ramp: is longer than every, so waves would overlap\n  use every or less',
  ],
  [
    'only warm-up',
    scenario('pause: 30s', 'warmup: 2'),
    's.yaml:11:34 steps.0.clone.wave.warmup: leaves nothing to measure: there are 2 waves\n  use 1 or less',
  ],
  [
    'interleaving one source',
    scenario('count: 200', 'count: 200\n      sources: [pvc]\n      order: interleaved'),
    's.yaml:12:14 steps.0.clone.order: there is one source only\n  name two sources, or drop order',
  ],
  [
    'two origins of an image',
    scenario(
      'import: { url: "http://x/y.qcow2" }',
      'import: { url: "http://x/y", registry: "docker://z" }',
    ),
    's.yaml:4:3 images.rhel9: has 2 origins\n  give exactly one: import.url, import.registry, from.pvc, from.snapshot or from.dataSource',
  ],
  [
    'more data than the image holds',
    more('simulation: { images: { rhel9: { data: 30Gi } } }'),
    "s.yaml:16:40 simulation.images.rhel9.data: is more than the image's size of 22.0 GiB\n  use 22Gi or less",
  ],
  [
    'two contents of one URL',
    {
      scenario: `${spoilt(SCENARIO, 'images:\n', 'images:\n  other: { import: { url: "http://x/y.qcow2" }, size: 22Gi }\n')}simulation:
  images:
    rhel9: { data: 1Gi }
`,
    },
    's.yaml:19:5 simulation.images.rhel9: holds something else than image other of the same URL\n  give one of them another URL',
  ],
  [
    'a VM name that KubeVirt refuses',
    template('name: vm-{{index}}\n', `name: ${'v'.repeat(62)}-{{index}}\n`),
    `s.yaml:6:3 templates.rhel9: makes the VM name "${'v'.repeat(62)}-1" of 64 characters\n  KubeVirt takes 63: shorten it`,
  ],
  [
    'limits on unknown things',
    more('slo:\n  - { metric: guestReady, image: rhel8, step: boot rhel, max: 40s }'),
    's.yaml:17:34 slo.0.image: unknown image "rhel8"\n  did you mean "rhel9"?',
    's.yaml:17:47 slo.0.step: unknown step "boot rhel"\n  did you mean "boot rhel9"?',
  ],
  [
    'clean-up of a step that is none',
    more('  - cleanup: { step: clone rhel }'),
    's.yaml:16:22 steps.3.cleanup.step: unknown clone or deploy step "clone rhel"\n  did you mean "clone rhel9"?',
  ],
];

const TEMPLATES: readonly Case[] = [
  [
    'no such file',
    scenario('file: vm.yaml', 'file: other.yaml'),
    's.yaml:6:18 templates.rhel9.file: other.yaml: does not exist\n  check the name',
  ],
  [
    'no VirtualMachine',
    template('kind: VirtualMachine', 'kind: DataVolume'),
    'vm.yaml:2:7 kind: holds no VirtualMachine of kubevirt.io but DataVolume\n  give the manifest of one VirtualMachine (apiVersion: kubevirt.io/v1)',
  ],
  [
    'an empty file',
    { template: '\n' },
    'vm.yaml:1:1: holds no VirtualMachine\n  give the manifest of one VirtualMachine',
  ],
  [
    'two documents',
    { template: `${TEMPLATE}---\nkind: Secret\n` },
    'vm.yaml:16:1: a second YAML document begins here\n  keep one document per file',
  ],
  [
    'placeholder left unresolved',
    template('{{snapshot}}', '{{snapshto}}'),
    'vm.yaml:10:70 spec.dataVolumeTemplates.0.spec.source.snapshot.name: placeholder {{snapshto}} is left unresolved\n  did you mean "snapshot"?',
  ],
  [
    'placeholder that is not closed',
    template('vm-{{index}}\n', 'vm-{{index\n'),
    'vm.yaml:4:9 metadata.name: a placeholder is not closed\n  write it as {{index}}',
  ],
  [
    'placeholder without quotes',
    template('vm-{{index}}\n', '{{index}}\n'),
    'vm.yaml:4:9 metadata.name: a placeholder without quotes is YAML for a map\n  quote it: "{{index}}"',
  ],
  [
    'VMs that share a name',
    template('vm-{{index}}\n', 'vm\n'),
    'vm.yaml:4:9 metadata.name: all VMs would share the name "vm"\n  add the index: vm-{{index}}',
  ],
  [
    'a name that breaks DNS-1123',
    template('vm-{{index}}\n', 'VM_{{index}}\n'),
    'vm.yaml:4:9 metadata.name: "VM_{{index}}" is no DNS-1123 name\n  use lower-case letters, digits, - and .',
  ],
  [
    'VMs that start at once',
    template('running: false', 'running: true'),
    'vm.yaml:6:12 spec.running: would start at once\n  write `runStrategy: Halted`; boot steps start VMs',
  ],
  [
    'another namespace',
    template('metadata:\n', 'metadata:\n  namespace: elsewhere\n'),
    'vm.yaml:4:14 metadata.namespace: VMs live in the run\'s namespace, not in "elsewhere"\n  remove it, or set `namespace: elsewhere` in the scenario',
  ],
  [
    'a disk without a size',
    template(
      'pvc: { resources: { requests: { storage: 22Gi } } }',
      'pvc: { resources: { requests: { storage: big } } }',
    ),
    'vm.yaml:9:7 spec.dataVolumeTemplates.0.spec: a disk has no size\n  set pvc.resources.requests.storage, such as 22Gi',
  ],
  [
    'inline manifests are shown in the scenario',
    scenario('{ file: vm.yaml }', '{ vm: { kind: Pod } }'),
    's.yaml:6:24 templates.rhel9.vm.kind: holds no VirtualMachine of kubevirt.io but Pod\n  give the manifest of one VirtualMachine (apiVersion: kubevirt.io/v1)',
  ],
];

const OVERRIDES: readonly Case[] = [
  [
    'a bad value',
    set('steps.0.clone.count=0'),
    '--set steps.0.clone.count=0 steps.0.clone.count: is 0, less than 1\n  use 1 or more',
  ],
  [
    'an unknown field',
    set('steps.0.clone.coutn=3'),
    '--set steps.0.clone.coutn=3 steps.0.clone.coutn: unknown field "coutn"\n  did you mean "count"?',
  ],
  [
    'an unknown constant in a section that was not there',
    set('simulation.provisioner.qsp=50'),
    '--set simulation.provisioner.qsp=50 simulation.provisioner.qsp: unknown field "qsp"\n  did you mean "qps"?',
  ],
  [
    'an item that is not there',
    set('steps.9.clone.count=3'),
    '--set steps.9.clone.count=3: has no item 9: the list has 3, counted from 0\n  write for example: --set steps.0.clone.count=200',
  ],
  [
    'a way into a single value',
    set('name.x=3'),
    '--set name.x=3: leads into a single value at x\n  write for example: --set steps.0.clone.count=200',
  ],
  [
    'no value',
    set('name'),
    '--set name: is not of the form path=value\n  write for example: --set steps.0.clone.count=200',
  ],
];

describe.each([
  ['fields', FIELDS],
  ['rules across fields', RULES],
  ['templates', TEMPLATES],
  ['overrides', OVERRIDES],
])('%s', (_, cases) => {
  test.each(cases.map((each) => [each[0], each] as const))(
    '%s',
    (_name, [, sample, ...expected]) => {
      expect(listProblems(sample).map(formatProblem)).toEqual(expected);
    },
  );
});
