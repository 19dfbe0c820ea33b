/**
 * What an authorizer sees of a request: verb, group, resource, namespace. Read from the path as
 * kube-apiserver does it (endpoints/request/requestinfo.go), and not with bench's own path code.
 */

export interface RequestAttributes {
  readonly verb: string;
  readonly group: string;
  /** `virtualmachines`, or `virtualmachines/start`. */
  readonly resource: string;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
}

export interface AttributedRequest {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
}

const VERBS: Readonly<Record<string, string>> = {
  POST: 'create',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
};

/** Undefined for what is no resource: discovery, /version. */
export function attributesOf(request: AttributedRequest): RequestAttributes | undefined {
  const segments = request.path.split('/').filter((segment) => segment !== '');
  const [prefix, first = '', second] = segments;
  if (prefix !== 'api' && prefix !== 'apis') return undefined;
  const group = prefix === 'api' ? '' : first;
  const rest = segments.slice(prefix === 'api' ? 2 : 3);
  if (rest.length === 0 || (prefix === 'apis' && second === undefined)) return undefined;
  const inNamespace = rest[0] === 'namespaces' && rest.length > 2;
  // A namespace is an object within itself.
  const namespace = rest[0] === 'namespaces' ? rest[1] : undefined;
  const [resource = '', name, subresource] = inNamespace ? rest.slice(2) : rest;
  return {
    verb: verbOf(request, name),
    group,
    resource: subresource === undefined ? resource : `${resource}/${subresource}`,
    namespace,
    name,
  };
}

function verbOf({ method, query }: AttributedRequest, name: string | undefined): string {
  if (method === 'DELETE' && name === undefined) return 'deletecollection';
  const verb = VERBS[method];
  if (verb !== undefined) return verb;
  if (query['watch'] === '1' || query['watch'] === 'true') return 'watch';
  return name === undefined ? 'list' : 'get';
}
