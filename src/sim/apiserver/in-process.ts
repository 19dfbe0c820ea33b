/**
 * The way from a client to the server within one process: half a round trip there, half back, and
 * a delay from commit to watcher. Bodies cross deeply frozen, and nothing frozen is copied.
 */

import type { Status } from '../../api/object.ts';
import {
  ACCEPT,
  type ApiRequest,
  type ApiResponse,
  type Transport,
  TransportError,
  type WatchEnd,
  type WatchEvent,
  type WatchRequest,
  type WatchSink,
} from '../../api/transport.ts';
import { unreachable } from '../../core/assert.ts';
import type { Clock } from '../../core/clock.ts';
import { SECOND } from '../../core/duration.ts';
import { compactCopy } from '../../core/json.ts';
import type { Rng } from '../../core/rng.ts';
import type { Parameters } from '../../parameters/parameters.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { Faults } from './faults/plan.ts';
import { createLine, type Delay } from './core/line.ts';
import type { Answer } from './requests/handle.ts';
import type { ServerRequest } from './requests/write-options.ts';
import type { Answered } from './server/meter.ts';
import type { ApiServer } from './server/server.ts';

export interface InProcessOptions {
  /** A Kernel lets the server's half of a request pass without a settling turn. */
  readonly clock: Clock & Partial<Pick<Kernel, 'scheduleQuiet'>>;
  /** From the client and back; the server acts in the middle. */
  readonly roundTripUs: number;
  /** From commit to watcher. */
  readonly watchDelayUs: Delay;
  /** What goes wrong on the way; nothing where it is absent. */
  readonly faults?: Faults;
}

interface Call {
  readonly request: ServerRequest;
  readonly resolve: (response: ApiResponse) => void;
  readonly reject: (error: unknown) => void;
  /** What the client gets in the end: an answer, or a broken connection. */
  answer: Answer | TransportError | undefined;
  /** Unix second of the answer, by the server's clock. */
  answeredSeconds: number;
  /** Told where somebody counts. */
  readonly answered: Answered | undefined;
}

/** Where it varies, an answer and the event of the same write race. */
export function watchDelay(
  { watchDelayUs, watchVariation }: Parameters['api'],
  rng: Rng,
): InProcessOptions['watchDelayUs'] {
  if (watchVariation === 0) return watchDelayUs;
  const own = rng.fork('watch delay');
  return () => Math.round(own.gamma(watchDelayUs, watchVariation));
}

export function inProcessTransport(server: ApiServer, options: InProcessOptions): Transport {
  const { clock, faults } = options;
  const thereUs = Math.round(options.roundTripUs / 2);
  const backUs = options.roundTripUs - thereUs;
  const outbound = createLine<Call>(clock, backUs, receive);
  const serve = serveCalls(server, clock, (call) => outbound.push(call));
  const arrive = faults ? serveUnder(faults, clock, serve) : serve.wholly;
  const inbound = createLine<Call>(clock, thereUs, arrive, clock.scheduleQuiet);
  const stream = createLine<Delivery>(clock, options.watchDelayUs, ({ watch, item, broken }) => {
    if (broken === undefined) watch.deliver(item);
    else watch.broken(broken);
  });

  function receive(call: Call): void {
    if (call.request.signal?.aborted) {
      call.reject(new TransportError('the request was aborted', true));
      return;
    }
    const { answer } = call;
    call.answered?.(answer instanceof TransportError ? undefined : answer?.status);
    if (answer instanceof TransportError) call.reject(answer);
    else call.resolve(toResponse(answer as Answer, clock.nowUs(), call.answeredSeconds));
  }

  return {
    request: (request) =>
      new Promise((resolve, reject) => {
        const answered = server.meter?.requested(request);
        const asked = received(request);
        inbound.push({
          request: asked,
          resolve,
          reject,
          answer: undefined,
          answeredSeconds: 0,
          answered,
        });
      }),
    watch(request, sink) {
      const watch = createWatch(clock, sink);
      clock.schedule(thereUs, () => {
        if (watch.stopped) return;
        const send = (item: WatchEvent | undefined, broken?: string) =>
          stream.push({ watch, item, broken });
        if (faults) openUnder(faults, server, request, watch, send);
        else openOn(server, request, watch, send);
        clock.schedule(backUs, () => watch.answered());
      });
      return () => watch.stop();
    },
  };
}

/** For questions that are no part of what is simulated: answered at once, and counted by nobody. */
export function asideTransport(
  server: ApiServer,
  clock: Pick<Clock, 'nowUs'>,
): Pick<Transport, 'request'> {
  return {
    async request(request) {
      const answer = await server.handle(received(request));
      return toResponse(answer, clock.nowUs(), nowSeconds(server));
    },
  };
}

/** As the server gets it: all of one shape, whoever sends it, for what every request passes. */
function received(request: ApiRequest): ServerRequest {
  const { method, path, query, body, contentType, headers, signal } = request;
  const kept = compactCopy(body);
  return { method, path, query, body: kept, contentType, headers, signal, accept: ACCEPT };
}

interface Service {
  /** Carries the call out and sends the answer back. */
  wholly(call: Call): void;
  /** Sends back what is not the outcome of the call. */
  instead(call: Call, answer: Answer | TransportError): void;
  /** Carries the call out and loses the answer. */
  unheard(call: Call): void;
}

function serveCalls(server: ApiServer, clock: Clock, reply: (call: Call) => void): Service {
  const instead = (call: Call, answer: Answer | TransportError) => {
    call.answer = answer;
    call.answeredSeconds = nowSeconds(server);
    reply(call);
  };
  return {
    instead,
    wholly(call) {
      const answer = server.handle(call.request);
      if (!(answer instanceof Promise)) {
        instead(call, answer);
        return;
      }
      // The server's half may have been quiet; what the handler awaits must settle all the same.
      clock.schedule(0, () => {});
      answer.then((late) => instead(call, late), call.reject);
    },
    unheard(call) {
      void Promise.resolve(server.handle(call.request)).catch(call.reject);
      instead(call, new TransportError('the connection was lost', true));
    },
  };
}

function serveUnder(faults: Faults, clock: Clock, serve: Service): (call: Call) => void {
  return (call) => {
    const fault = faults.onRequest(call.request);
    switch (fault?.kind) {
      case undefined:
        return serve.wholly(call);
      case 'delay':
        clock.schedule(fault.delayUs, () => serve.wholly(call));
        return undefined;
      case 'refuse':
        return serve.instead(call, fault.answer);
      case 'drop':
        return serve.instead(call, new TransportError('the connection was lost', fault.maybeSent));
      case 'lose':
        return serve.unheard(call);
      case 'slowBody':
        return serve.wholly(call);
      default:
        return unreachable(fault);
    }
  };
}

/** An event, or the end where it is undefined: in good order, or because the connection broke. */
interface Delivery {
  readonly watch: ClientWatch;
  readonly item: WatchEvent | undefined;
  readonly broken: string | undefined;
}

interface ClientWatch {
  /** The connection is lost. */
  broken(message: string): void;
  /** Nothing more is delivered. */
  readonly stopped: boolean;
  refusal: Status | undefined;
  stopServer: () => void;
  /** The server's first word has arrived. */
  answered(): void;
  deliver(item: WatchEvent | undefined): void;
  stop(): void;
}

function openOn(
  server: ApiServer,
  request: WatchRequest,
  watch: ClientWatch,
  send: (item: WatchEvent | undefined) => void,
): void {
  const opened = server.watch(request, { event: send, ended: () => send(undefined) });
  if ('stop' in opened) watch.stopServer = opened.stop;
  else watch.refusal = opened;
}

function openUnder(
  faults: Faults,
  server: ApiServer,
  request: WatchRequest,
  watch: ClientWatch,
  send: (item: WatchEvent | undefined, broken?: string) => void,
): void {
  const tap = faults.onWatch(request, {
    deliver: (item) => send(item),
    cut: (message) => watch.broken(message),
    cutBehind: (message) => send(undefined, message),
  });
  if (!tap) {
    watch.broken('connection refused');
    return;
  }
  openOn(server, request, watch, (item) => tap.item(item));
  const { stopServer } = watch;
  watch.stopServer = () => {
    tap.closed();
    stopServer();
  };
  // A connection that was cut while it opened has had nothing to stop yet.
  if (watch.stopped) watch.stopServer();
}

function createWatch(clock: Clock, sink: WatchSink): ClientWatch {
  return new DelayedWatch(clock, sink);
}

/** A class for the reason that core/fifo.ts gives: every event passes here. */
class DelayedWatch implements ClientWatch {
  stopped = false;
  refusal: Status | undefined;
  stopServer: () => void = () => {};
  private readonly clock: Clock;
  private readonly sink: WatchSink;
  private open = false;

  constructor(clock: Clock, sink: WatchSink) {
    this.clock = clock;
    this.sink = sink;
  }

  answered(): void {
    if (this.stopped || this.open) return;
    const { refusal } = this;
    if (refusal) {
      this.end({ kind: 'refused', code: refusal.code ?? 500, status: refusal });
      return;
    }
    this.open = true;
    this.sink.opened(this.clock.nowUs());
  }

  deliver(item: WatchEvent | undefined): void {
    // An event can be faster than the answer where the watch delay is short.
    this.answered();
    if (this.stopped) return;
    if (item === undefined) this.end({ kind: 'closed' });
    else this.sink.event(item, this.clock.nowUs());
  }

  broken(message: string): void {
    if (this.stopped) return;
    this.stopServer();
    this.end({ kind: 'broken', message });
  }

  stop(): void {
    if (this.stopped) return;
    this.stopped = true;
    this.stopServer();
  }

  private end(reason: WatchEnd): void {
    this.stopped = true;
    this.sink.ended(reason, this.clock.nowUs());
  }
}

function nowSeconds(server: ApiServer): number {
  return Math.floor(server.nowUnixUs() / SECOND);
}

function toResponse(answer: Answer, receivedUs: number, answeredSeconds: number): ApiResponse {
  const { status, body, headers } = answer;
  return headers
    ? { status, body, headers, receivedUs, answeredSeconds }
    : { status, body, receivedUs, answeredSeconds };
}
