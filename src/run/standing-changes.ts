/**
 * What a run did to objects that are not its own and was killed before it could undo: a node that
 * is cordoned, a server that is off. A clean-up says so, with commands, instead of doing it: nobody
 * can tell whether somebody else has put that right, or wants it so, by now.
 */

import { shellWord } from '../core/shell-word.ts';
import { UsageError } from '../core/usage-error.ts';
import { standingUndos, type Undoable } from '../drive/undos.ts';
import { makePlan } from '../plan/make-plan.ts';
import { getFilePath, namedRun, type RunFolder } from '../record/layout.ts';
import { readManifest } from '../record/manifest.ts';
import { readEntries } from '../record/reader.ts';
import { restoreScenario } from './recorded-scenario.ts';

/** Lines for a person; none where all is undone. */
export function standingChanges(folder: RunFolder): readonly string[] {
  const manifest = readManifest(getFilePath(folder, 'manifest'));
  if (manifest === undefined || manifest.finished?.outcome === 'complete') return [];
  const { runId } = folder;
  try {
    const scenario = restoreScenario(manifest);
    // Of a big run plan and history are long.
    if (!scenario.steps.some((step) => step.kind === 'act' && step.undo !== undefined)) return [];
    const plan = makePlan(scenario, { runId });
    const entries = [...readEntries(getFilePath(folder, 'history'), () => {})];
    const global = new Set(
      entries.flatMap((entry) => (entry.e === 'kind' && !entry.namespaced ? [entry.k] : [])),
    );
    const commands = standingUndos(plan, entries).map((each) => commandFor(each, global));
    if (commands.length === 0) return [];
    return [
      `run ${runId} was ended before it undid what it had done;`,
      `bench resume ${namedRun(folder)} goes on with it instead;`,
      'otherwise, where that is still so and nobody wants it so, undo it yourself:',
      ...commands.map((command) => `  ${command}`),
    ];
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return [`whether run ${runId} has to undo something cannot be told: ${error.message}`];
  }
}

/** As a person would type it. `global`: kinds that are in no namespace. */
function commandFor(
  { kind, namespace, name, undo: action }: Undoable,
  global: ReadonlySet<string>,
): string {
  const isPlaced = namespace !== '' && !global.has(kind);
  const place = isPlaced ? ` --namespace ${shellWord(namespace)}` : '';
  const object = `${shellWord(kind.toLowerCase())} ${shellWord(name)}${place}`;
  switch (action.do) {
    case 'patch': {
      const text = JSON.stringify(action.patch);
      return `kubectl patch ${object} --type ${action.type ?? 'merge'} --patch ${shellWord(text)}`;
    }
    case 'taint': {
      const taints = Object.entries(action.taints).map(([key, value]) =>
        value === null ? `${key}-` : `${key}=${value}`,
      );
      return `kubectl taint --overwrite ${object} ${taints.map(shellWord).join(' ')}`;
    }
    case 'external':
      return action.command.map(shellWord).join(' ');
    default:
      return `# ${action.do} of ${kind} ${name} cannot be undone`;
  }
}
