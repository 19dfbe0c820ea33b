/** Where clusters have their monitoring. */

/** The Prometheus of kube-prometheus, through the proxy of the API server. */
export const PROMETHEUS_SERVICE = '/api/v1/namespaces/monitoring/services/prometheus-k8s:web/proxy';
