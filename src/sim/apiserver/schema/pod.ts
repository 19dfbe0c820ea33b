/** Schemas of pods, their templates and the kinds that make them. */

import { RESOURCES } from './claims.ts';
import { KEYED_CONDITIONS, kindSchema, LABEL_SELECTOR, OBJECT_META } from './metadata.ts';
import {
  opaque,
  bool,
  int,
  keyedList,
  list,
  mapSchema,
  object,
  type ObjectSchema,
  quantity,
  type Schema,
  str,
  time,
} from './schema.ts';

const CONTAINER = object(
  'One container of a pod.',
  {
    name: str('Name of the container.'),
    image: str('Image of the container.'),
    imagePullPolicy: str('When the image is pulled.', ['Always', 'IfNotPresent', 'Never']),
    command: list('Entry point.', str('An argument.')),
    args: list('Arguments of the entry point.', str('An argument.')),
    workingDir: str('Working directory.'),
    env: keyedList(
      'Environment variables.',
      object('A variable.', {
        name: str('Name.'),
        value: str('Value.'),
        valueFrom: opaque('Where the value comes from.'),
      }),
      ['name'],
    ),
    ports: keyedList(
      'Ports of the container.',
      object('A port.', {
        name: str('Name.'),
        containerPort: int('Number.'),
        protocol: str('TCP, UDP or SCTP.'),
        hostPort: int('Number on the host.'),
        hostIP: str('Address on the host.'),
      }),
      ['containerPort', 'protocol'],
    ),
    resources: RESOURCES,
    volumeMounts: keyedList('File systems that are mounted.', opaque('A mount.'), ['mountPath']),
    volumeDevices: keyedList(
      'Block devices that are mapped.',
      object('A device.', { name: str('Volume.'), devicePath: str('Path in the container.') }),
      ['devicePath'],
    ),
    securityContext: opaque('Security options.'),
    livenessProbe: opaque('Whether the container lives.'),
    readinessProbe: opaque('Whether the container is ready.'),
  },
  { required: ['name'], open: true },
);

const CONTAINERS = keyedList('Containers of the pod.', CONTAINER, ['name']);

const POD_SPEC: ObjectSchema = object(
  'What a pod runs and where.',
  {
    containers: CONTAINERS,
    initContainers: keyedList('Containers that run before the others.', CONTAINER, ['name']),
    volumes: keyedList(
      'Volumes of the pod.',
      object('A volume.', { name: str('Name of the volume.') }, { required: ['name'], open: true }),
      ['name'],
    ),
    nodeName: str('Node to which the pod is bound.'),
    nodeSelector: mapSchema('Labels that the node must have.', str('A value.'), { atomic: true }),
    affinity: opaque('Which nodes and neighbours are wanted.'),
    tolerations: list('Taints that are tolerated.', opaque('A toleration.')),
    restartPolicy: str('When containers are restarted.', ['Always', 'OnFailure', 'Never']),
    terminationGracePeriodSeconds: int('Seconds to end in an orderly way.'),
    schedulerName: str('Scheduler that binds the pod.'),
    serviceAccountName: str('Service account of the pod.'),
    priorityClassName: str('Priority of the pod.'),
    hostNetwork: bool('Whether the pod uses the network of the node.'),
    readinessGates: list(
      'Conditions that must be true before the pod is ready.',
      object('A gate.', { conditionType: str('Type of the condition.') }),
    ),
    securityContext: opaque('Security options.'),
  },
  { required: ['containers'], open: true },
);

export const POD = kindSchema('Containers that run together on a node.', {
  spec: POD_SPEC,
  status: object(
    'State of the pod.',
    {
      phase: str('Pending, Running, Succeeded, Failed or Unknown.'),
      conditions: KEYED_CONDITIONS,
      podIP: str('Address of the pod.'),
      startTime: time('When the kubelet saw the pod.'),
      reason: str('Why the pod is in this state.'),
      message: str('A text for people.'),
      containerStatuses: list('State of each container.', opaque('State of a container.')),
    },
    { open: true },
  ),
});

const TEMPLATE = object('The pods that are made.', {
  metadata: OBJECT_META,
  spec: POD_SPEC,
});

const workload = (what: string, fields: Readonly<Record<string, Schema>>) =>
  kindSchema(what, {
    spec: object(
      'Desired state.',
      { selector: LABEL_SELECTOR, template: TEMPLATE, ...fields },
      {
        open: true,
      },
    ),
    status: object('Observed state.', { conditions: KEYED_CONDITIONS }, { open: true }),
  });

const REPLICAS = { replicas: int('How many pods are wanted.') };

export const DEPLOYMENT = workload('Pods that are replaced in a rolling way.', {
  ...REPLICAS,
  strategy: opaque('How pods are replaced.'),
  minReadySeconds: int('Seconds until a ready pod counts as available.'),
  revisionHistoryLimit: int('How many old replica sets are kept.'),
  paused: bool('Whether the deployment rests.'),
  progressDeadlineSeconds: int('Seconds until a deployment counts as failed.'),
});
export const REPLICA_SET = workload('A number of like pods.', REPLICAS);
export const STATEFUL_SET = workload('Pods with identities of their own.', {
  ...REPLICAS,
  serviceName: str('Service that governs the set.'),
  volumeClaimTemplates: list('Claims of each pod.', opaque('A claim.')),
});
export const DAEMON_SET = workload('A pod on each node.', {
  updateStrategy: opaque('How pods are replaced.'),
});
export const JOB = workload('Pods that run to completion.', {
  parallelism: int('How many pods run at once.'),
  completions: int('How many must succeed.'),
  backoffLimit: int('How often it is tried again.'),
  completionMode: str('Whether its pods are numbered.'),
  backoffLimitPerIndex: int('How often each index is tried again.'),
  podFailurePolicy: opaque('What the end of a pod means.'),
  suspend: bool('Whether the job rests.'),
  ttlSecondsAfterFinished: int('Seconds until a finished job is removed.'),
});

export const NODE = kindSchema('A machine of the cluster.', {
  spec: object(
    'What the node is to be.',
    {
      unschedulable: bool('Whether new pods are kept away.'),
      taints: list('What keeps pods away.', opaque('A taint.')),
      podCIDR: str('Addresses of pods.'),
      providerID: str('Identity at the provider.'),
    },
    { open: true },
  ),
  status: object(
    'State of the node.',
    {
      capacity: mapSchema('All resources.', quantity('An amount.')),
      allocatable: mapSchema('Resources for pods.', quantity('An amount.')),
      conditions: KEYED_CONDITIONS,
      addresses: keyedList('Addresses of the node.', opaque('An address.'), ['type']),
      volumesAttached: list('Volumes that are attached.', opaque('A volume.')),
      volumesInUse: list('Volumes in use.', str('Name of a volume.')),
      nodeInfo: opaque('Versions of what runs on the node.'),
    },
    { open: true },
  ),
});
