/** HyperConverged's webhook: until it has endpoints, the API server refuses to write one. */

import type { Clock } from '../../../core/clock.ts';
import type { LabFaults } from '../../../parameters/faults-schema.ts';

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

export type WebhookGate = () => Promise<Answer> | undefined;

export interface Webhook {
  /** The operator's version has Succeeded, and its webhook runs, or soon will. */
  installed(): void;
  readonly gate: WebhookGate;
}

export function createWebhook(clock: Clock, faults: () => LabFaults | undefined): Webhook {
  let sinceUs: number | undefined;
  return {
    installed() {
      sinceUs ??= clock.nowUs();
    },
    gate() {
      const lateUs = faults()?.webhookAfter ?? 0;
      if (sinceUs !== undefined && clock.nowUs() >= sinceUs + lateUs) return undefined;
      return Promise.resolve({ status: 500, body: NO_ENDPOINTS });
    },
  };
}

const NO_ENDPOINTS = {
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Failure',
  message:
    'Internal error occurred: failed calling webhook "mutate-hyperconverged-hco.kubevirt.io": ' +
    'no endpoints available for service "hco-webhook-service"',
  reason: 'InternalError',
  code: 500,
};
