/** What a component tells of itself, in the data model of Prometheus. */

export type Labels = Readonly<Record<string, string>>;

export interface MetricFamily {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly samples: readonly MetricSample[];
}

export interface MetricSample {
  /** Of a histogram's parts; absent otherwise. */
  readonly suffix?: '_bucket' | '_sum' | '_count';
  readonly labels: Labels;
  readonly value: number;
}

/** Families as they are at this moment. */
export type Collect = () => readonly MetricFamily[];

/** Those of several components as one; what two of them tell under one name is put together. */
export function mergeFamilies(families: readonly MetricFamily[]): readonly MetricFamily[] {
  const byName = new Map<string, MetricFamily>();
  for (const family of families) {
    const known = byName.get(family.name);
    const samples = known ? [...known.samples, ...family.samples] : family.samples;
    byName.set(family.name, { ...family, samples });
  }
  return [...byName.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

const texts = new WeakMap<Labels, string>();

/** One text for equal labels, whatever the order in which they were given. */
export function labelsKey(labels: Labels): string {
  const known = texts.get(labels);
  if (known !== undefined) return known;
  const sorted = Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const text = JSON.stringify(sorted);
  texts.set(labels, text);
  return text;
}
