/**
 * What a run's environment says of constants that are known: a limit that somebody set on the
 * cluster is a fact of it and no guess. A fact that is not recorded leaves the release's own value,
 * which is then only assumed.
 */

import type { ParameterOverrides } from '../parameters/parameters.ts';
import type { Scenario, Simulation } from '../scenario/scenario.ts';

type Facts = Readonly<Record<string, string>>;

/** The scenario as the embedded cluster can play it, with what is known of the measured one. */
export function playable(scenario: Scenario, facts: Facts): Scenario {
  return {
    ...scenario,
    images: scenario.images.map((image) =>
      'url' in image.origin
        ? image
        : { ...image, origin: { kind: 'http', url: `http://images.example/${image.key}` } },
    ),
    simulation: withKnown(scenario.simulation, facts),
  };
}

function withKnown(simulation: Simulation, facts: Facts): Simulation {
  const parameters: Record<string, Readonly<Record<string, number>>> = {};
  const known = { ...nodeFacts(facts), ...kubeVirtFacts(facts), ...sidecarFacts(facts) };
  for (const [group, values] of Object.entries(simulation.parameters)) {
    parameters[group] = values ?? {};
  }
  for (const [group, values] of Object.entries(known)) {
    parameters[group] = { ...parameters[group], ...values };
  }
  return { ...simulation, parameters };
}

function nodeFacts(facts: Facts): ParameterOverrides {
  const count = Number(facts['nodes']);
  if (!(count >= 1)) return {};
  const each = (name: string) => {
    const total = Number(facts[name]);
    return total >= count ? Math.floor(total / count) : undefined;
  };
  return { nodes: present({ count, cpus: each('nodes.cpus'), maxPods: each('nodes.pods') }) };
}

/** Flags of the driver's sidecars, as cluster/sidecars.ts reads them. */
function sidecarFacts(facts: Facts): ParameterOverrides {
  const limit = (name: string) => {
    const value = Number(facts[`csi.${name}`]);
    return value > 0 ? value : undefined;
  };
  return Object.fromEntries(
    ['attacher', 'provisioner', 'snapshotter'].map((group) => [
      group,
      present({ qps: limit(`${group}.qps`), burst: limit(`${group}.burst`) }),
    ]),
  );
}

/** KubeVirt's own rate limits, by the section of its configuration that sets them. */
const LIMITS = {
  virtApi: 'apiConfiguration',
  virtController: 'controllerConfiguration',
  virtHandler: 'handlerConfiguration',
} as const;

function kubeVirtFacts(facts: Facts): ParameterOverrides {
  const text = facts['kubevirt.limits'];
  if (text === undefined) return {};
  const sections = JSON.parse(text) as Readonly<Record<string, LimitSection | undefined>>;
  return Object.fromEntries(
    Object.entries(LIMITS).map(([group, section]) => {
      const bucket = sections[section]?.restClient?.rateLimiter?.tokenBucketRateLimiter;
      return [group, present({ qps: bucket?.qps, burst: bucket?.burst })];
    }),
  );
}

/** KubeVirt's ReloadableComponentConfiguration. */
interface LimitSection {
  readonly restClient?: {
    readonly rateLimiter?: {
      readonly tokenBucketRateLimiter?: { readonly qps?: number; readonly burst?: number };
    };
  };
}

function present(values: Readonly<Record<string, number | undefined>>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}
