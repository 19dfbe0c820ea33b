/**
 * The way from a client to the server within one process: half a round trip there, half back, and
 * a constant delay from commit to watcher. Nothing is copied: bodies cross deeply frozen.
 */

import type { Status } from '../../api/object.ts';
import {
  type ApiRequest,
  type ApiResponse,
  type Transport,
  TransportError,
  type WatchEnd,
  type WatchEvent,
  type WatchRequest,
  type WatchSink,
} from '../../api/transport.ts';
import type { Clock } from '../../core/clock.ts';
import { deepFreeze } from '../../core/json.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { createLine } from './line.ts';
import type { Answer } from './requests/handle.ts';
import type { ApiServer } from './server.ts';

export interface InProcessOptions {
  /** A Kernel lets the server's half of a request pass without a settling turn. */
  readonly clock: Clock & Partial<Pick<Kernel, 'scheduleQuiet'>>;
  /** From the client and back; the server acts in the middle. */
  readonly roundTripUs: number;
  /** From commit to watcher. */
  readonly watchDelayUs: number;
}

interface Call {
  readonly request: ApiRequest;
  readonly resolve: (response: ApiResponse) => void;
  readonly reject: (error: unknown) => void;
  answer: Answer | undefined;
}

export function inProcessTransport(server: ApiServer, options: InProcessOptions): Transport {
  const { clock } = options;
  const thereUs = Math.round(options.roundTripUs / 2);
  const backUs = options.roundTripUs - thereUs;
  const inbound = createLine<Call>(clock, thereUs, serve, clock.scheduleQuiet);
  const outbound = createLine<Call>(clock, backUs, receive);
  const stream = createLine<Delivery>(clock, options.watchDelayUs, ({ watch, item }) =>
    watch.deliver(item),
  );

  function serve(call: Call): void {
    const answer = server.handle(call.request);
    if (!(answer instanceof Promise)) {
      call.answer = answer;
      outbound.push(call);
      return;
    }
    answer.then((late) => {
      call.answer = late;
      outbound.push(call);
    }, call.reject);
  }

  function receive(call: Call): void {
    if (call.request.signal?.aborted) {
      call.reject(new TransportError('the request was aborted', true));
      return;
    }
    call.resolve(responseOf(call.answer as Answer, clock.nowUs()));
  }

  return {
    request: (request) =>
      new Promise((resolve, reject) => {
        deepFreeze(request.body);
        inbound.push({ request, resolve, reject, answer: undefined });
      }),
    watch(request, sink) {
      const watch = createWatch(clock, sink);
      clock.schedule(thereUs, () => {
        if (watch.stopped) return;
        openOn(server, request, watch, (item) => stream.push({ watch, item }));
        clock.schedule(backUs, () => watch.answered());
      });
      return () => watch.stop();
    },
  };
}

/** An event, or the end where it is undefined. */
interface Delivery {
  readonly watch: ClientWatch;
  readonly item: WatchEvent | undefined;
}

interface ClientWatch {
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

function createWatch(clock: Clock, sink: WatchSink): ClientWatch {
  let open = false;
  let over = false;
  const end = (reason: WatchEnd) => {
    over = true;
    sink.ended(reason, clock.nowUs());
  };
  const watch: ClientWatch = {
    refusal: undefined,
    stopServer: () => {},
    get stopped() {
      return over;
    },
    answered() {
      if (over || open) return;
      const { refusal } = watch;
      if (refusal) {
        end({ kind: 'refused', code: refusal.code ?? 500, status: refusal });
        return;
      }
      open = true;
      sink.opened(clock.nowUs());
    },
    deliver(item) {
      // An event can be faster than the answer where the watch delay is short.
      watch.answered();
      if (over) return;
      if (item === undefined) end({ kind: 'closed' });
      else sink.event(item, clock.nowUs());
    },
    stop() {
      if (over) return;
      over = true;
      watch.stopServer();
    },
  };
  return watch;
}

function responseOf(answer: Answer, receivedUs: number): ApiResponse {
  return answer.headers
    ? { status: answer.status, body: answer.body, headers: answer.headers, receivedUs }
    : { status: answer.status, body: answer.body, receivedUs };
}
