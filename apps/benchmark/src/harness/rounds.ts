/** Sides of a comparison by name; each call is one round of one side. */
export type Sides<Name extends string, Measurement> = Readonly<Record<Name, () => Promise<Measurement>>>;

/**
 * Measures every side once in each round, so that whatever else the machine does meets all of them alike.
 * Every second round goes backwards: what one side leaves behind (heat, garbage, dirty pages) does not always fall on the same other one.
 * @returns what each side measured, in the order of rounds
 */
export async function interleave<Name extends string, Measurement>(rounds: number, sides: Sides<Name, Measurement>): Promise<Record<Name, Measurement[]>> {
  const names = Object.keys(sides) as Name[];
  const measured = Object.fromEntries(names.map((name): [Name, Measurement[]] => [name, []])) as Record<Name, Measurement[]>;
  for (let round = 0; round < rounds; round += 1) {
    for (const name of round % 2 === 0 ? names : names.toReversed()) measured[name].push(await sides[name]());
  }
  return measured;
}
