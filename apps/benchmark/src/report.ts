import { judge, type Figure, type Skipped, type Target } from './harness/figure.ts';

/** What a run came to, as it is written with `--json`. */
export interface Report {
  readonly machine: { readonly cores: number; readonly processor: string; readonly node: string; readonly platform: string };
  readonly rounds: number;
  readonly seconds: number;
  readonly figures: readonly (Figure | Skipped)[];
}

/** The table for the terminal: one figure a line, what it was made from below it. */
export function formatReport({ machine, rounds, seconds, figures }: Report): string {
  const { cores, processor, node, platform } = machine;
  const head = `${cores} cores (${processor}), Node ${node}, ${platform}; ${rounds} rounds of ${seconds} s`;
  return [head, '', ...figures.flatMap(formatFigure)].join('\n');
}

function formatFigure(figure: Figure | Skipped): readonly string[] {
  if ('skipped' in figure) return [`${figure.name}`, `    skipped: ${figure.skipped}`];
  const { median, spread, met } = judge(figure);
  const { unit, target, details = {} } = figure;
  const verdict = target === undefined ? '' : `   target ${formatTarget(target, unit)}: ${met === true ? 'met' : `missed by ${formatMiss(median, target, unit)}`}`;
  const made = Object.entries(details).map(([name, value]) => `${name} ${value}`);
  return [figure.name, `    ${formatValue(median, unit)} ±${Math.round(spread * 100)} %${verdict}${made.length === 0 ? '' : `   (${made.join(', ')})`}`];
}

function formatTarget(target: Target, unit: Figure['unit']): string {
  return 'atLeast' in target ? `≥ ${formatValue(target.atLeast, unit)}` : `≤ ${formatValue(target.atMost, unit)}`;
}

function formatMiss(median: number, target: Target, unit: Figure['unit']): string {
  const distance = Math.abs(median - ('atLeast' in target ? target.atLeast : target.atMost));
  return unit === 'ratio' ? `${(distance * 100).toFixed(1)} points` : formatValue(distance, unit);
}

function formatValue(value: number, unit: Figure['unit']): string {
  return unit === 'ratio' ? `${(value * 100).toFixed(1)} %` : `${value.toFixed(2)} ms`;
}
