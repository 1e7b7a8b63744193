import type { Histogram, Registry } from 'prom-client';

type Labels = Readonly<Record<string, string>>;

/** Durations with one set of labels. */
export class Durations {
  readonly labels: Labels;
  /** How many fell into each bucket, and above the last one. */
  readonly counts: Float64Array;
  readonly #bounds: readonly number[];
  sumSeconds = 0;

  constructor(labels: Labels, bounds: readonly number[]) {
    this.labels = labels;
    this.counts = new Float64Array(bounds.length + 1);
    this.#bounds = bounds;
  }

  observe(seconds: number): void {
    let bucket = 0;
    for (const bound of this.#bounds) {
      if (seconds <= bound) break;
      bucket += 1;
    }
    this.counts[bucket] = (this.counts[bucket] ?? 0) + 1;
    this.sumSeconds += seconds;
  }
}

interface Sample {
  readonly metricName: string;
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
}

/**
 * A histogram whose series are looked up by the caller, once, instead of at each observation: prom-client's own makes and checks a key of all
 * labels each time, for every request.
 */
export class DurationHistogram {
  readonly name: string;
  readonly #help: string;
  readonly #bounds: readonly number[];
  readonly #series: Durations[] = [];

  constructor(settings: { readonly name: string; readonly help: string; readonly boundsSeconds: readonly number[]; readonly registry: Registry }) {
    this.name = settings.name;
    this.#help = settings.help;
    this.#bounds = settings.boundsSeconds;
    // The registry needs `name` and `get` of a metric; only its type insists on prom-client's own classes.
    settings.registry.registerMetric(this as unknown as Histogram);
  }

  /** A new series; the caller keeps it and asks once for each set of labels. */
  series(labels: Labels): Durations {
    const series = new Durations(labels, this.#bounds);
    this.#series.push(series);
    return series;
  }

  /** What the registry writes. */
  async get(): Promise<{ readonly name: string; readonly help: string; readonly type: 'histogram'; readonly values: readonly Sample[] }> {
    return { name: this.name, help: this.#help, type: 'histogram', values: this.#series.flatMap((series) => this.#samples(series)) };
  }

  #samples({ labels, counts, sumSeconds }: Durations): readonly Sample[] {
    const { name } = this;
    let total = 0;
    const buckets = [...this.#bounds, '+Inf'].map((le, index) => ({ metricName: `${name}_bucket`, labels: { le, ...labels }, value: (total += counts[index] ?? 0) }));
    return [...buckets, { metricName: `${name}_sum`, labels, value: sumSeconds }, { metricName: `${name}_count`, labels, value: total }];
  }
}
