import { median, spread } from './statistics.ts';

/** What a figure has to reach. */
export type Target = { readonly atLeast: number } | { readonly atMost: number };

/** One line of the table. */
export interface Figure {
  readonly name: string;
  /** One value per round. */
  readonly values: readonly number[];
  readonly unit: 'ratio' | 'ms';
  /** Without one the figure is for information. */
  readonly target?: Target | undefined;
  /** What the values were made from, for the reader: medians of this machine. */
  readonly details?: Readonly<Record<string, string>> | undefined;
}

/** A part that could not be measured here. */
export interface Skipped {
  readonly name: string;
  readonly skipped: string;
}

/** A figure, judged. */
export interface Judgement {
  readonly median: number;
  /** Half of max minus min, as a part of the median. */
  readonly spread: number;
  readonly met: boolean | undefined;
}

/** The median of the rounds against the target. */
export function judge({ values, target }: Figure): Judgement {
  const middle = median(values);
  const met = target === undefined ? undefined : 'atLeast' in target ? middle >= target.atLeast : middle <= target.atMost;
  return { median: middle, spread: spread(values), met };
}
