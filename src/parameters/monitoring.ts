/** Constants of the monitoring: they say what is seen of the cluster, not what happens in it. */

import { duration, known } from './definition.ts';

export const SCRAPE_INTERVAL = duration(
  '30s',
  known('cluster-monitoring-operator and kube-prometheus: scrape interval of their monitors'),
);
