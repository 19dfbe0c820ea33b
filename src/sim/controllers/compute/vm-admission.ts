/**
 * What KubeVirt's webhooks make of VMs and VMIs before they are stored: defaults, and
 * refusals with the fields and words of kubevirt v1.1.1 pkg/virt-api/webhooks. Pure; whether the
 * VM's account may clone is asked in clone-authorization.ts.
 */

import type { VmiSpec, VirtualMachine, VirtualMachineInstance } from '../../../api/compute.ts';
import type { KubeObject } from '../../../api/object.ts';
import { VMIS, type Resource, VIRTUAL_MACHINES } from '../../../api/resources.ts';
import { has, type Release } from '../../../parameters/release.ts';
import { machineType, withVmiDefaults } from './vmi-defaults.ts';
import { enterPhase } from './vmi-status.ts';
import {
  findPreference,
  matcherProblems,
  resolveInstancetype,
  withMatcherKinds,
} from './instancetypes.ts';
import { uuidOf, vmiFinalizer } from './vm-objects.ts';
import { hasFinalizer, isDeleting } from '../chassis/ownership.ts';
import { type AdmissionCause, invalid, required, specProblems } from './spec-problems.ts';
import { claimBehind } from './volume-claim.ts';

/** What a webhook knows beside the object. */
export interface Around {
  /** Now as a metav1.Time. */
  stamp(): string;
  list(resource: Resource): readonly KubeObject[];
}

/** `old` is undefined on creation. */
export interface AdmissionRule {
  readonly resource: Resource;
  /** As refusals name the webhooks. */
  readonly webhooks: { readonly mutating: string; readonly validating: string };
  /** Refused before anything is filled in. */
  readonly shape?: (object: KubeObject) => readonly AdmissionCause[];
  readonly mutate: (object: KubeObject, old: KubeObject | undefined, around: Around) => KubeObject;
  readonly validate: (
    object: KubeObject,
    old: KubeObject | undefined,
    around: Around,
  ) => readonly AdmissionCause[];
}

export function kubeVirtAdmission(parameters: {
  readonly release: Release;
}): readonly AdmissionRule[] {
  return [virtualMachineAdmission(parameters), vmiAdmission(parameters)];
}

/** As refusals name the webhooks of VMs. */
export const VM_WEBHOOKS = {
  mutating: 'virtualmachines-mutator.kubevirt.io',
  validating: 'virtualmachine-validator.kubevirt.io',
};

export function virtualMachineAdmission(parameters: { readonly release: Release }): AdmissionRule {
  return {
    resource: VIRTUAL_MACHINES,
    webhooks: VM_WEBHOOKS,
    shape: (object) => {
      const { template, ...spec } = (object as Partial<VirtualMachine>).spec ?? {};
      if (!template) return [{ message: 'spec.template in body is required' }];
      return matcherProblems(spec);
    },
    mutate: (object, old, around) =>
      isDeleting(object) || old?.spec === object.spec
        ? object
        : withVmDefaults(object as VirtualMachine, around, { ...parameters, isNew: !old }),
    validate: (object, old, around) =>
      isDeleting(object) || old?.spec === object.spec
        ? []
        : vmProblems(object as VirtualMachine, around, parameters),
  };
}

export function vmiAdmission(parameters: { readonly release: Release }): AdmissionRule {
  return {
    resource: VMIS,
    webhooks: {
      mutating: 'virtualmachineinstances-mutator.kubevirt.io',
      validating: 'virtualmachineinstances-create-validator.kubevirt.io',
    },
    mutate: (object, old, around) =>
      old ? object : newVmi(object as VirtualMachineInstance, around, parameters),
    validate: (object, old) =>
      old ? [] : specProblems((object as VirtualMachineInstance).spec, 'spec'),
  };
}

const KUBEVIRTS: Resource = {
  group: 'kubevirt.io',
  version: 'v1',
  plural: 'kubevirts',
  kind: 'KubeVirt',
  namespaced: true,
};

/** What the KubeVirt object says of the cluster. */
function clusterDefaults(around: Around, parameters: { readonly release: Release }) {
  const [kubevirt] = around.list(KUBEVIRTS);
  const { defaultArchitecture } = (kubevirt?.status ?? {}) as {
    readonly defaultArchitecture?: string;
  };
  const filled = has(parameters, 'architectureFilled') ? 'amd64' : undefined;
  return { architecture: defaultArchitecture ?? filled, release: parameters.release };
}

function withVmDefaults(
  sent: VirtualMachine,
  around: Around,
  { release, isNew }: { readonly release: Release; readonly isNew: boolean },
): VirtualMachine {
  const keepsFirmware = isNew && has({ release }, 'firmwareKept');
  const vm = withMatcherKinds(keepsFirmware ? withFirmware(sent, around) : sent);
  const { template } = vm.spec;
  const domain: VmiSpec['domain'] | undefined = template.spec?.domain;
  if (domain === undefined) return vm;
  const { architecture } = clusterDefaults(around, { release });
  const preferred = findPreference(vm, around.list)?.machine?.preferredMachineType;
  const machine = domain.machine?.type
    ? domain.machine
    : { type: preferred ?? machineType({ release }) };
  const complete = domain.machine === machine && domain.resources && domain.devices;
  if (complete && (template.spec.architecture || !architecture)) return vm;
  const spec = {
    ...(architecture ? { architecture } : {}),
    ...template.spec,
    domain: { devices: {}, resources: {}, ...domain, machine },
  };
  return { ...vm, spec: { ...vm.spec, template: { ...template, spec } } };
}

/** Drawn for each new VM; here from what tells it from others. */
function withFirmware(vm: VirtualMachine, around: Around): VirtualMachine {
  const { template } = vm.spec;
  if (!template.spec?.domain) return vm;
  const { namespace, name } = vm.metadata;
  const drawn = (what: string) => uuidOf(`${what} ${namespace}/${name} ${around.stamp()}`);
  const { firmware, ...domain } = template.spec.domain;
  const kept = { uuid: drawn('uuid'), serial: drawn('serial'), ...firmware };
  return {
    ...vm,
    spec: {
      ...vm.spec,
      template: {
        metadata: withTopology(template.metadata ?? {}),
        spec: { ...template.spec, domain: { ...domain, firmware: kept } },
      },
    },
  };
}

function withTopology<T extends Partial<KubeObject['metadata']>>(metadata: T): T {
  const annotations = { 'kubevirt.io/pci-topology-version': 'v3', ...metadata.annotations };
  return { ...metadata, annotations };
}

function newVmi(
  vmi: VirtualMachineInstance,
  around: Around,
  { release }: { readonly release: Release },
): VirtualMachineInstance {
  const { metadata, status = {} } = vmi;
  const spec = withVmiDefaults(vmi.spec, clusterDefaults(around, { release }));
  const guest = spec.domain.memory?.guest;
  const finalizer = vmiFinalizer({ release });
  const finalizers = hasFinalizer(vmi, finalizer)
    ? metadata.finalizers
    : [...(metadata.finalizers ?? []), finalizer];
  return {
    ...vmi,
    metadata: {
      ...(has({ release }, 'firmwareKept') ? withTopology(metadata) : metadata),
      ...(finalizers ? { finalizers } : {}),
    },
    spec,
    status: {
      ...enterPhase(status, 'Pending', around.stamp()),
      guestOSInfo: {},
      runtimeUser: QEMU,
      ...(guest === undefined
        ? {}
        : { memory: { guestAtBoot: guest, guestCurrent: guest, guestRequested: guest } }),
    },
  };
}

/** Launchers do not run as root. */
const QEMU = 107;

function vmProblems(
  vm: VirtualMachine,
  around: Around,
  parameters: { readonly release: Release },
): readonly AdmissionCause[] {
  const { spec } = vm;
  if (!spec?.template) return [required('spec.template', 'missing virtual machine template.')];
  const sized = resolveInstancetype(vm, around.list);
  if (sized.problems.length > 0) return sized.problems;
  return [
    ...specProblems(sized.spec, 'spec.template.spec'),
    ...diskTemplateProblems(spec),
    ...runProblems(spec, has(parameters, 'runningDeprecated')),
  ];
}

const STRATEGIES: ReadonlySet<string> = new Set([
  'Always',
  'Halted',
  'Manual',
  'RerunOnFailure',
  'Once',
]);

function runProblems(
  { running, runStrategy }: VirtualMachine['spec'],
  isDeprecated: boolean,
): readonly AdmissionCause[] {
  if (running !== undefined && runStrategy !== undefined) {
    const text = 'Running and RunStrategy are mutually exclusive';
    const hint = '. Note that Running is deprecated, please use RunStrategy instead';
    return [invalid('spec.running', isDeprecated ? `${text}${hint}` : text)];
  }
  if (running === undefined && runStrategy === undefined) {
    const text = 'RunStrategy must be specified';
    return [invalid('spec.running', isDeprecated ? text : `One of Running or ${text}`)];
  }
  if (runStrategy !== undefined && !STRATEGIES.has(runStrategy)) {
    return [invalid('spec.runStrategy', `Invalid RunStrategy (${runStrategy as string})`)];
  }
  return [];
}

function diskTemplateProblems(spec: VirtualMachine['spec']): readonly AdmissionCause[] {
  const volumes = spec.template.spec?.volumes ?? [];
  const used = new Set(volumes.map(claimBehind));
  return (spec.dataVolumeTemplates ?? []).flatMap((template, index) => {
    const field = `spec.dataVolumeTemplate[${index}]`;
    const name = template.metadata?.name ?? '';
    if (name === '') {
      const message = `'name' field must not be empty for DataVolumeTemplate entry ${field}.`;
      return [required(`${field}.name`, message)];
    }
    if (used.has(name)) return [];
    const remedy = "must be referenced in the VMI template's 'volumes' list";
    return [required(field, `DataVolumeTemplate entry ${field} ${remedy}`)];
  });
}
