/**
 * What `act` of a scenario may do to an object that is there: each kind once, with what plans and
 * preflight have to know of it. To add one, add it here; the compiler then asks for what a file
 * says of it (scenario/action-fields.ts) and how it is asked (drive/action-requests.ts).
 */

interface Shapes {
  readonly patch: { readonly patch: unknown; readonly type?: 'json' };
  /** By key; `value:effect`, or null where it is to go. */
  readonly taint: { readonly taints: Readonly<Record<string, string | null>> };
  readonly subresource: { readonly subresource: string; readonly body: unknown };
  readonly evict: object;
  readonly delete: object;
  /** Nothing is done to it: something else happens. */
  readonly watch: object;
  /** A program and its arguments, on the machine that bench runs on. */
  readonly external: { readonly command: readonly string[] };
}

export type ActionKind = keyof Shapes;

export type Action<Kind extends ActionKind = ActionKind> = {
  [Each in Kind]: { readonly do: Each } & Shapes[Each];
}[Kind];

export interface ActionFacts<Kind extends ActionKind> {
  /** Fields of a scenario file that ask for it; exactly one of all is given. */
  readonly fields: readonly string[];
  /** Whether it may be named as what undoes another one. */
  readonly undoes: boolean;
  /** What shows the object as it is then: the answer, a look at it afterwards, or nothing. */
  readonly shownBy: 'answer' | 'look' | 'nothing';
  /** The object is then no more the run's to take away. */
  readonly removes: boolean;
  /** A 409 to what was asked before, and left without an answer, means that it was done. */
  readonly isDoneByConflict: boolean;
  /** What plans and steps call it where that is neither its kind nor its field. */
  readonly word: ((action: Action<Kind>) => string) | undefined;
  /** What has to be allowed on the kind of the object, beside list and watch. */
  readonly needs: (action: Action<Kind>) => Needs;
}

interface Needs {
  readonly verbs: readonly string[];
  readonly subresource?: string;
}

const PLAIN = { removes: false, isDoneByConflict: false, word: undefined } as const;

export const ACTIONS = {
  patch: {
    ...PLAIN,
    fields: ['patch', 'label', 'annotate'],
    undoes: true,
    shownBy: 'answer',
    needs: () => ({ verbs: ['patch'] }),
  },
  taint: {
    ...PLAIN,
    fields: ['taint'],
    undoes: true,
    shownBy: 'answer',
    needs: () => ({ verbs: ['get', 'patch'] }),
  },
  external: {
    ...PLAIN,
    fields: ['external'],
    undoes: true,
    shownBy: 'look',
    needs: () => ({ verbs: ['get'] }),
  },
  subresource: {
    ...PLAIN,
    fields: ['subresource'],
    undoes: false,
    shownBy: 'nothing',
    // A volume of that name is there, a restart is under way.
    isDoneByConflict: true,
    word: ({ subresource }) => subresource,
    needs: ({ subresource }) => ({ verbs: ['update'], subresource }),
  },
  evict: {
    ...PLAIN,
    fields: ['evict'],
    undoes: false,
    shownBy: 'nothing',
    needs: () => ({ verbs: ['create'], subresource: 'eviction' }),
  },
  delete: {
    ...PLAIN,
    fields: ['delete'],
    undoes: false,
    shownBy: 'answer',
    removes: true,
    needs: () => ({ verbs: ['get', 'delete'] }),
  },
  watch: {
    ...PLAIN,
    fields: ['watch'],
    undoes: false,
    shownBy: 'nothing',
    needs: () => ({ verbs: [] }),
  },
} as const satisfies { readonly [Kind in ActionKind]: ActionFacts<Kind> };

const FACTS: { readonly [Kind in ActionKind]: ActionFacts<Kind> } = ACTIONS;

export function actionFacts<Kind extends ActionKind>(action: Action<Kind>): ActionFacts<Kind> {
  return FACTS[action.do];
}

/** `evict`, `restart`; `asked`: the field of the file, where that is known. */
export function actionWord(action: Action, asked: string = action.do): string {
  return actionFacts(action).word?.(action) ?? asked;
}

/** A field of a scenario file that asks for something to be done. */
export type ActionField = (typeof ACTIONS)[ActionKind]['fields'][number];

/** In the order of the kinds. */
export const ACTION_FIELDS: readonly ActionField[] = Object.values(ACTIONS).flatMap(
  ({ fields }) => fields,
);

export const UNDOING_FIELDS: readonly ActionField[] = Object.values(ACTIONS).flatMap(
  ({ undoes, fields }) => (undoes ? fields : []),
);
