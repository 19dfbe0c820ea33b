/** Taints of nodes in trouble, and for how long pods bear with them by default. */

export const NOT_READY = 'node.kubernetes.io/not-ready';
export const UNREACHABLE = 'node.kubernetes.io/unreachable';
/** Set by people, or by who fences nodes for them: nothing runs there, be sure of it. */
export const OUT_OF_SERVICE = 'node.kubernetes.io/out-of-service';

/** What the admission plugin DefaultTolerationSeconds gives to pods that say nothing. */
export const TOLERATION_SECONDS = 300;
