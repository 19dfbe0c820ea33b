/** The command lines of a study's runs: ordinary ones, as a person could give them. */

import type { GroupedRun } from '../record/group.ts';
import type { RunCommands } from './make-run.ts';
import type { OpenStudy } from './open-study.ts';
import { settings, type StudyCluster } from './question.ts';

/** Of a person, or of whoever starts a pod. */
export interface StudyPermits {
  /** Many VMs on a real cluster need nobody's word. */
  readonly yes: boolean;
  /** Programs that the scenario names may be run. */
  readonly allowExec?: boolean | undefined;
}

export function studyCommands(
  { asked, id, seeds }: OpenStudy,
  results: string,
  { yes, allowExec = false }: StudyPermits,
): RunCommands {
  const place = ({ cluster }: GroupedRun) =>
    asked.clusters.findIndex(({ name }) => name === cluster);
  const clusterOf = (run: GroupedRun) => asked.clusters[place(run)] as StudyCluster;
  const permits = ({ connection }: StudyCluster) =>
    allowExec && connection !== undefined ? ['--allow-exec'] : [];
  const silent = ['--no-report', '--progress', 'none'];
  return {
    laneOf: (run) => (clusterOf(run).connection === undefined ? undefined : (run.cluster ?? '')),
    run(run) {
      const cluster = clusterOf(run);
      const where = ['--results', results, '--group', id, '--run-id', run.run];
      const seed = ['--seed', String((seeds[place(run)] as number) + run.repeat - 1)];
      const sets = settings(asked, cluster, run.set).flatMap((each) => ['--set', each]);
      const word = yes && cluster.connection !== undefined ? ['--yes'] : [];
      return [
        'run',
        asked.scenario,
        ...where,
        ...seed,
        ...silent,
        ...connectionArguments(cluster),
        ...word,
        ...permits(cluster),
        ...sets,
      ];
    },
    resume: (run, folder) => [
      'resume',
      folder.path,
      '--results',
      results,
      ...silent,
      ...connectionArguments(clusterOf(run)),
      ...permits(clusterOf(run)),
    ],
  };
}

function connectionArguments({ connection }: StudyCluster): readonly string[] {
  const { kubeconfig, context, inCluster } = connection ?? {};
  return [
    ...(kubeconfig === undefined ? [] : ['--kubeconfig', kubeconfig]),
    ...(context === undefined ? [] : ['--context', context]),
    ...(inCluster ? ['--in-cluster'] : []),
  ];
}
