/** Names of what a run creates: deterministic, and no two objects of a kind share one. */

import type { Path } from './path.ts';
import type { Report } from './problem.ts';
import type { CloneSource, Image, Step } from './scenario.ts';
import { compileTemplate, type Template } from './template.ts';

/** Name of the DataVolume of clone `index`, counted from 1 over all steps. */
export function cloneName(image: string, source: CloneSource, index: number): string {
  return `${image}-from-${source}-${index}`;
}

const SAMPLE_RUN = { namespace: 'namespace-of-the-run', runId: 'run' };

/** Reports two steps, templates or images that would create objects of one kind and name. */
export function checkObjectNames(
  steps: readonly Step[],
  images: readonly Image[],
  templates: readonly Template[],
  report: Report,
): void {
  const owners = new Map<string, string>();
  const claim = (kind: string, name: string, owner: string): string | undefined => {
    const place = `${kind} ${name}`;
    const other = owners.get(place);
    owners.set(place, other ?? owner);
    return other === undefined || other === owner ? undefined : other;
  };
  for (const image of images) {
    if (image.namespace === undefined) claim('DataVolume', image.name, `image ${image.key}`);
  }
  for (const [key, names] of namesBySubject(steps, templates)) {
    for (const [kind, name] of names.objects()) {
      if (kind === 'VirtualMachine' && name.length > MACHINE_NAME_LENGTH) {
        const message = `makes the VM name ${JSON.stringify(name)} of ${name.length} characters`;
        report(names.path, message, `KubeVirt takes ${MACHINE_NAME_LENGTH}: shorten it`, 'key');
        break;
      }
      const other = claim(kind, name, key);
      if (other === undefined) continue;
      const message = `duplicate name: ${kind} ${JSON.stringify(name)} is also made by ${other}`;
      report(names.path, message, RENAME, 'key');
      break;
    }
  }
}

/** The name becomes the value of labels. */
const MACHINE_NAME_LENGTH = 63;

const RENAME = 'make the names differ, for example with the index or the template key';

interface Names {
  readonly path: Path;
  objects(): Iterable<readonly [kind: string, name: string]>;
}

function namesBySubject(
  steps: readonly Step[],
  templates: readonly Template[],
): ReadonlyMap<string, Names> {
  const subjects = new Map<string, Names>();
  for (const [i, step] of steps.entries()) {
    if (step.kind === 'clone') {
      subjects.set(`step ${step.name}`, { path: ['steps', i], objects: () => cloneNames(step) });
    }
  }
  for (const template of templates) {
    const indices = steps.flatMap((step) =>
      step.kind === 'deploy'
        ? step.targets.filter((t) => t.template === template.key).flatMap((t) => t.indices)
        : [],
    );
    subjects.set(`template ${template.key}`, {
      path: ['templates', template.key],
      objects: () => machineNames(template, indices),
    });
  }
  return subjects;
}

function* cloneNames(step: Extract<Step, { kind: 'clone' }>): Iterable<readonly [string, string]> {
  for (const arm of step.arms) {
    for (let i = 0; i < arm.count; i++) {
      yield ['DataVolume', cloneName(arm.image, arm.source, arm.first + i)];
    }
  }
}

function* machineNames(
  template: Template,
  indices: readonly number[],
): Iterable<readonly [string, string]> {
  const compiled = compileTemplate(template, SAMPLE_RUN);
  for (const index of indices) {
    yield ['VirtualMachine', compiled.name(index)];
    for (const disk of compiled.diskNames(index)) yield ['DataVolume', disk];
  }
}
