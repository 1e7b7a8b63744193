/** In which way the specs get their federation. */
export type Way = 'in-process' | 'composed';

/** What the environment says about a run of the system tests. The only file of them that reads it. */
export interface SystemTestEnvironment {
  /** `UMA_TEST_FEDERATION`: `in-process` (default), or `composed` for docker-compose.yml, which must be up (`npm run composed`). */
  readonly way: Way;
  /** `UMA_TEST_COMPOSED`: `auto` (default) skips the composed way, and says why, where it cannot be had; `required` fails then; `off` skips it. */
  readonly composed: 'auto' | 'required' | 'off';
  /** `UMA_TEST_UPDATE_PAGES=1`: docs/protocol/flows is written anew from what is on the wire. */
  readonly updatePages: boolean;
}

/** Reads the environment of this run. @throws Error when a variable has a value that it cannot have */
export function systemTestEnvironment(): SystemTestEnvironment {
  const { UMA_TEST_FEDERATION, UMA_TEST_COMPOSED, UMA_TEST_UPDATE_PAGES } = process.env;
  return {
    way: oneOf('UMA_TEST_FEDERATION', UMA_TEST_FEDERATION, ['in-process', 'composed']),
    composed: oneOf('UMA_TEST_COMPOSED', UMA_TEST_COMPOSED, ['auto', 'required', 'off']),
    updatePages: UMA_TEST_UPDATE_PAGES === '1',
  };
}

/** The first value is the default. */
function oneOf<T extends string>(name: string, value: string | undefined, values: readonly [T, ...T[]]): T {
  const found = value === undefined || value === '' ? values[0] : values.find((candidate) => candidate === value);
  if (found === undefined) throw new Error(`${name} must be one of ${values.join(', ')}`);
  return found;
}
