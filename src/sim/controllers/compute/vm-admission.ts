/**
 * What KubeVirt's webhooks make of VMs and VMIs before they are stored: defaults, and
 * refusals with the fields and words of kubevirt v1.1.1 pkg/virt-api/webhooks. Pure; whether the
 * VM's account may clone is asked in clone-authorization.ts.
 */

import type { VmiSpec, VirtualMachine, VirtualMachineInstance } from '../../../api/compute.ts';
import type { KubeObject } from '../../../api/object.ts';
import { VMIS, type Resource, VIRTUAL_MACHINES } from '../../../api/resources.ts';
import { MACHINE_TYPE, withVmiDefaults } from './vmi-defaults.ts';
import { enterPhase } from './vmi-status.ts';
import {
  findPreference,
  matcherProblems,
  resolveInstancetype,
  withMatcherKinds,
} from './instancetypes.ts';
import { VMI_FINALIZER } from './vm-objects.ts';
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

export const virtualMachineAdmission: AdmissionRule = {
  resource: VIRTUAL_MACHINES,
  webhooks: {
    mutating: 'virtualmachines-mutator.kubevirt.io',
    validating: 'virtualmachine-validator.kubevirt.io',
  },
  shape: (object) => {
    const { template, ...spec } = (object as Partial<VirtualMachine>).spec ?? {};
    if (!template) return [{ message: 'spec.template in body is required' }];
    return matcherProblems(spec);
  },
  mutate: (object, old, around) =>
    isDeleting(object) || old?.spec === object.spec
      ? object
      : withVmDefaults(object as VirtualMachine, around),
  validate: (object, old, around) =>
    isDeleting(object) || old?.spec === object.spec
      ? []
      : vmProblems(object as VirtualMachine, around),
};

export const vmiAdmission: AdmissionRule = {
  resource: VMIS,
  webhooks: {
    mutating: 'virtualmachineinstances-mutator.kubevirt.io',
    validating: 'virtualmachineinstances-create-validator.kubevirt.io',
  },
  mutate: (object, old, around) =>
    old ? object : newVmi(object as VirtualMachineInstance, around),
  validate: (object, old) =>
    old ? [] : specProblems((object as VirtualMachineInstance).spec, 'spec'),
};

const KUBEVIRTS: Resource = {
  group: 'kubevirt.io',
  version: 'v1',
  plural: 'kubevirts',
  kind: 'KubeVirt',
  namespaced: true,
};

/** What the KubeVirt object says of the cluster. */
function clusterDefaults(around: Around) {
  const [kubevirt] = around.list(KUBEVIRTS);
  const { defaultArchitecture } = (kubevirt?.status ?? {}) as {
    readonly defaultArchitecture?: string;
  };
  return { architecture: defaultArchitecture };
}

function withVmDefaults(sent: VirtualMachine, around: Around): VirtualMachine {
  const vm = withMatcherKinds(sent);
  const { template } = vm.spec;
  const domain: VmiSpec['domain'] | undefined = template.spec?.domain;
  if (domain === undefined) return vm;
  const { architecture } = clusterDefaults(around);
  const preferred = findPreference(vm, around.list)?.machine?.preferredMachineType;
  const machineType = domain.machine?.type ? domain.machine : { type: preferred ?? MACHINE_TYPE };
  const complete = domain.machine === machineType && domain.resources && domain.devices;
  if (complete && (template.spec.architecture || !architecture)) return vm;
  const spec = {
    ...(architecture ? { architecture } : {}),
    ...template.spec,
    domain: { devices: {}, resources: {}, ...domain, machine: machineType },
  };
  return { ...vm, spec: { ...vm.spec, template: { ...template, spec } } };
}

function newVmi(vmi: VirtualMachineInstance, around: Around): VirtualMachineInstance {
  const { metadata, status = {} } = vmi;
  const spec = withVmiDefaults(vmi.spec, clusterDefaults(around));
  const guest = spec.domain.memory?.guest;
  const finalizers = hasFinalizer(vmi, VMI_FINALIZER)
    ? metadata.finalizers
    : [...(metadata.finalizers ?? []), VMI_FINALIZER];
  return {
    ...vmi,
    metadata: { ...metadata, ...(finalizers ? { finalizers } : {}) },
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

function vmProblems(vm: VirtualMachine, around: Around): readonly AdmissionCause[] {
  const { spec } = vm;
  if (!spec?.template) return [required('spec.template', 'missing virtual machine template.')];
  const sized = resolveInstancetype(vm, around.list);
  if (sized.problems.length > 0) return sized.problems;
  return [
    ...specProblems(sized.spec, 'spec.template.spec'),
    ...diskTemplateProblems(spec),
    ...runProblems(spec),
  ];
}

const STRATEGIES: ReadonlySet<string> = new Set([
  'Always',
  'Halted',
  'Manual',
  'RerunOnFailure',
  'Once',
]);

function runProblems({ running, runStrategy }: VirtualMachine['spec']): readonly AdmissionCause[] {
  if (running !== undefined && runStrategy !== undefined) {
    return [invalid('spec.running', 'Running and RunStrategy are mutually exclusive')];
  }
  if (running === undefined && runStrategy === undefined) {
    return [invalid('spec.running', 'One of Running or RunStrategy must be specified')];
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
