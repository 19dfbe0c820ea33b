/**
 * The API server of the recordings: all of them were made on one machine, and a write took 2 to 6 ms.
 * Its event comes to a cache about with its answer, as measured with a client-go informer beside a
 * kube-apiserver 1.34.2 on a busy machine: in half of the writes before it, in a tenth 0.7 ms after
 * it, in a hundredth 3 ms. A controller looks at its cache again 0.1 ms after the answer, and three
 * quarters of the events have come by then: those of this distribution that take up to 2 ms.
 */
export const RECORDED_API = { roundTrip: 4000, watchDelay: 1560, watchVariation: 0.5 };

/** Beside virt-api a patch of a VM took 14 ms at the best where one of a ConfigMap took 4 ms. */
export const RECORDED_WEBHOOKS = { webhookTime: 5000 };
