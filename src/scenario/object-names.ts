/** Names of what a run creates: deterministic, and no two objects of a kind share one. */

import type { Path } from './path.ts';
import type { Report } from './problem.ts';
import type { Image } from './scenario.ts';
import { type ResolvedSteps, stepModule } from './steps.ts';
import { compileTemplate, type Template } from './template.ts';

const SAMPLE_RUN = { namespace: 'namespace-of-the-run', runId: 'run' };

/** Reports two steps, templates or images that would create objects of one kind and name. */
export function checkObjectNames(
  { steps, paths }: ResolvedSteps,
  images: readonly Image[],
  templates: readonly Template[],
  report: Report,
): void {
  const owners = new Map<string, string>();
  for (const image of images) {
    if (image.namespace === undefined) owners.set(`DataVolume ${image.name}`, `image ${image.key}`);
  }
  for (const [owner, names] of namesByOwner({ steps, paths }, templates)) {
    const fault = firstFault(names, owner, owners);
    if (fault !== undefined) report(names.path, fault.message, fault.remedy, 'key');
  }
}

/** The first name that is too long or taken; takes all names up to it. */
function firstFault(
  names: Names,
  owner: string,
  owners: Map<string, string>,
): { readonly message: string; readonly remedy: string } | undefined {
  for (const [kind, name] of names.objects()) {
    const place = `${kind} ${name}`;
    if (kind === 'VirtualMachine' && name.length > VM_NAME_LENGTH) {
      const message = `makes the VM name ${JSON.stringify(name)} of ${name.length} characters`;
      return { message, remedy: `KubeVirt takes ${VM_NAME_LENGTH}: shorten it` };
    }
    const other = owners.get(place);
    if (other !== undefined) {
      const message = `duplicate name: ${kind} ${JSON.stringify(name)} is also made by ${other}`;
      return { message, remedy: RENAME };
    }
    owners.set(place, owner);
  }
  return undefined;
}

/** The name becomes the value of labels. */
const VM_NAME_LENGTH = 63;

const RENAME = 'make the names differ, for example with the index or the template key';

interface Names {
  readonly path: Path;
  objects(): Iterable<readonly [kind: string, name: string]>;
}

function namesByOwner(
  { steps, paths }: ResolvedSteps,
  templates: readonly Template[],
): ReadonlyMap<string, Names> {
  const owners = new Map<string, Names>();
  for (const [i, step] of steps.entries()) {
    const objects = () => stepModule(step.kind).objects(step);
    owners.set(`step ${step.name}`, { path: paths[i] ?? [], objects });
  }
  for (const template of templates) {
    const indices = steps.flatMap((step) =>
      stepModule(step.kind)
        .deploys(step)
        .filter((target) => target.template === template.key)
        .flatMap((target) => target.indices),
    );
    owners.set(`template ${template.key}`, {
      path: ['templates', template.key],
      objects: () => vmNames(template, indices),
    });
  }
  return owners;
}

function* vmNames(
  template: Template,
  indices: readonly number[],
): Iterable<readonly [string, string]> {
  const compiled = compileTemplate(template, SAMPLE_RUN);
  for (const index of indices) {
    yield ['VirtualMachine', compiled.name(index)];
    for (const disk of compiled.diskNames(index)) yield ['DataVolume', disk];
  }
}
