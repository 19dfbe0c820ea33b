/**
 * What KubeVirt's webhooks make of VMs and instances before they are stored: defaults, and
 * refusals with the fields and words of kubevirt v1.1.1 pkg/virt-api/webhooks. Pure.
 */

import type { InstanceSpec, VirtualMachine, VirtualMachineInstance } from '../../../api/compute.ts';
import type { KubeObject, StatusDetails } from '../../../api/object.ts';
import { INSTANCES, type Resource, VIRTUAL_MACHINES } from '../../../api/resources.ts';
import { INSTANCE_FINALIZER } from './machine-objects.ts';
import { hasFinalizer } from './ownership.ts';

type AdmissionCause = NonNullable<StatusDetails['causes']>[number];

/** `old` is undefined on creation. */
export interface AdmissionRule {
  readonly resource: Resource;
  readonly mutate: (object: KubeObject, old?: KubeObject) => KubeObject;
  readonly validate: (object: KubeObject, old?: KubeObject) => readonly AdmissionCause[];
}

export const virtualMachineAdmission: AdmissionRule = {
  resource: VIRTUAL_MACHINES,
  mutate: (object, old) => (old ? object : withMachineDefaults(object as VirtualMachine)),
  validate: (object, old) =>
    old && old.spec === object.spec ? [] : machineProblems(object as VirtualMachine),
};

export const instanceAdmission: AdmissionRule = {
  resource: INSTANCES,
  mutate: (object, old) => (old ? object : withInstanceFinalizer(object as VirtualMachineInstance)),
  validate: (object, old) =>
    old ? [] : specProblems((object as VirtualMachineInstance).spec, 'spec'),
};

const MACHINE_TYPE = { type: 'pc-q35-rhel9.2.0' };

function withMachineDefaults(machine: VirtualMachine): VirtualMachine {
  const domain = machine.spec?.template?.spec?.domain as
    | (InstanceSpec['domain'] & { readonly machine?: unknown })
    | undefined;
  if (domain === undefined || domain.machine !== undefined) return machine;
  const { template } = machine.spec;
  const spec = {
    architecture: 'amd64',
    ...template.spec,
    domain: { ...domain, machine: MACHINE_TYPE },
  };
  return { ...machine, spec: { ...machine.spec, template: { ...template, spec } } };
}

function withInstanceFinalizer(instance: VirtualMachineInstance): VirtualMachineInstance {
  if (hasFinalizer(instance, INSTANCE_FINALIZER)) return instance;
  const finalizers = [...(instance.metadata.finalizers ?? []), INSTANCE_FINALIZER];
  return { ...instance, metadata: { ...instance.metadata, finalizers } };
}

function machineProblems({ spec }: VirtualMachine): readonly AdmissionCause[] {
  if (!spec?.template) return [required('spec.template', 'missing virtual machine template.')];
  return [
    ...specProblems(spec.template.spec, 'spec.template.spec'),
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
  const used = new Set((spec.template.spec?.volumes ?? []).map((each) => each.dataVolume?.name));
  return (spec.dataVolumeTemplates ?? []).flatMap((template, index) => {
    const field = `spec.dataVolumeTemplate[${index}]`;
    const name = template.metadata?.name ?? '';
    if (name === '') {
      const message = `'name' field must not be empty for DataVolumeTemplate entry ${field}.`;
      return [required(`${field}.name`, message)];
    }
    if (used.has(name)) return [];
    const remedy = "must be referenced in the VMI template's 'volumes' list";
    return [invalid(field, `DataVolumeTemplate entry ${field} ${remedy}`)];
  });
}

function specProblems(spec: InstanceSpec | undefined, field: string): readonly AdmissionCause[] {
  if (!spec?.domain) return [required(`${field}.domain`, 'missing domain.')];
  return [...volumeProblems(spec, field), ...diskProblems(spec, field)];
}

function volumeProblems({ volumes = [] }: InstanceSpec, field: string): AdmissionCause[] {
  const seen = new Set<string>();
  return volumes.flatMap((volume, index) => {
    const at = `${field}.volumes[${index}]`;
    const { name, ...sources } = volume;
    const problems: AdmissionCause[] = [];
    if (seen.has(name)) problems.push(invalid(`${at}.name`, `${at}.name '${name}' is not unique.`));
    seen.add(name);
    if (Object.keys(sources).length !== 1) {
      problems.push(invalid(at, `${at} must have exactly one source type set.`));
    }
    return problems;
  });
}

interface Disk {
  readonly name?: string;
  readonly bootOrder?: number;
}

function diskProblems(spec: InstanceSpec, field: string): AdmissionCause[] {
  const volumes = new Set((spec.volumes ?? []).map(({ name }) => name));
  const disks = (spec.domain.devices?.disks ?? []) as readonly Disk[];
  const orders = new Set<number>();
  return disks.flatMap(({ name = '', bootOrder }, index) => {
    const at = `${field}.domain.devices.disks[${index}]`;
    const problems: AdmissionCause[] = [];
    if (!volumes.has(name)) problems.push(invalid(`${at}.name`, `${at}.Name '${name}' not found.`));
    if (bootOrder === undefined) return problems;
    if (bootOrder < 1 || orders.has(bootOrder)) {
      const message = `Boot order for ${at}.bootOrder already set for a different device.`;
      problems.push(invalid(`${at}.bootOrder`, message));
    }
    orders.add(bootOrder);
    return problems;
  });
}

function invalid(field: string, message: string): AdmissionCause {
  return { reason: 'FieldValueInvalid', message, field };
}

function required(field: string, message: string): AdmissionCause {
  return { reason: 'FieldValueRequired', message, field };
}
