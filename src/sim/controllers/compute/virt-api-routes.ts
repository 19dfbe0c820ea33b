/**
 * Which of KubeVirt's aggregated routes a request meets, before anything looks at objects: method,
 * then content type, then Accept, each with go-restful's plain-text refusal (kubevirt v1.1.1
 * pkg/virt-api/api.go; go-restful v3.9.0 curly.go, jsr311.go). A route that names no media type of
 * its answer matches only the Accept that contains all of them.
 */

import type { Answer } from './virt-api-answers.ts';

export interface Asked {
  readonly method: string;
  readonly path: string;
  /** As the header has it; undefined where there is none. */
  readonly accept?: string | undefined;
  readonly contentType?: string | undefined;
  readonly body?: unknown;
}

type Media = 'any' | 'json' | 'unnamed';

interface Route {
  readonly method: 'GET' | 'PUT';
  readonly consumes: Media;
  readonly produces: 'json' | 'unnamed';
}

/** Takes any body, names no media type of its answer. */
const ACT: Route = { method: 'PUT', consumes: 'any', produces: 'unnamed' };
/** A websocket, or an answer that is no JSON. */
const STREAM: Route = { method: 'GET', consumes: 'unnamed', produces: 'unnamed' };
const TELL: Route = { method: 'GET', consumes: 'json', produces: 'json' };
const SHOW: Route = { method: 'GET', consumes: 'unnamed', produces: 'json' };

const ROUTES: Readonly<Record<string, Route>> = {
  ...named('virtualmachines', ACT, [
    'restart',
    'migrate',
    'start',
    'stop',
    'addvolume',
    'removevolume',
    'memorydump',
    'removememorydump',
  ]),
  ...named('virtualmachines', SHOW, ['expand-spec']),
  ...named('virtualmachineinstances', ACT, [
    'freeze',
    'unfreeze',
    'softreboot',
    'pause',
    'unpause',
    'addvolume',
    'removevolume',
    'sev/setupsession',
    'sev/injectlaunchsecret',
  ]),
  ...named('virtualmachineinstances', STREAM, [
    'console',
    'vnc',
    'vnc/screenshot',
    'usbredir',
    'vsock',
  ]),
  ...named('virtualmachineinstances', TELL, [
    'guestosinfo',
    'userlist',
    'filesystemlist',
    'sev/fetchcertchain',
    'sev/querylaunchmeasurement',
  ]),
  version: SHOW,
  guestfs: SHOW,
  healthz: TELL,
  'expand-vm-spec': { method: 'PUT', consumes: 'json', produces: 'json' },
};

function named(plural: string, route: Route, actions: readonly string[]) {
  return Object.fromEntries(actions.map((action) => [`${plural}/${action}`, route]));
}

/** The refusal that the router answers with; undefined where the request meets a handler. */
export function unrouted(asked: Asked): Answer | undefined {
  const route = routeAt(asked.path);
  if (route === undefined) return { status: 404, body: '404: Page Not Found' };
  if (asked.method !== route.method) {
    const headers = { allow: route.method };
    return { status: 405, body: '405: Method Not Allowed', headers };
  }
  const hasBody = asked.body !== undefined && asked.body !== null && asked.body !== '';
  if (hasBody && !takes(route, asked.contentType)) {
    return { status: 415, body: '415: Unsupported Media Type' };
  }
  if (gives(route, asked.accept)) return undefined;
  const available = route.produces === 'json' ? JSON_TYPE : '';
  const body = `406: Not Acceptable\n\nAvailable representations: ${available}`;
  return { status: 406, body };
}

const JSON_TYPE = 'application/json';

/** `/apis/GROUP/VERSION/namespaces/NS/PLURAL/NAME/ACTION`, or `/apis/GROUP/VERSION/WHAT`. */
function routeAt(path: string): Route | undefined {
  const [, , , , first = '', , plural = '', , ...action] = path.split('/');
  if (first !== 'namespaces') return ROUTES[first];
  if (plural === 'expand-vm-spec') return ROUTES[plural];
  if (action[0] === 'portforward' && (action.length === 2 || action.length === 3)) return STREAM;
  return ROUTES[`${plural}/${action.join('/')}`];
}

function takes({ consumes, method }: Route, contentType: string | undefined): boolean {
  if (consumes !== 'json') return true;
  if (contentType === undefined) return method === 'GET';
  return mediaTypes(contentType).includes(JSON_TYPE);
}

function gives({ produces }: Route, accept = '*/*'): boolean {
  const types = mediaTypes(accept === '' ? '*/*' : accept);
  return types.includes('*/*') || (produces === 'json' && types.includes(JSON_TYPE));
}

function mediaTypes(header: string): readonly string[] {
  return header.split(',').map((each) => (each.split(';')[0] ?? '').trim());
}
