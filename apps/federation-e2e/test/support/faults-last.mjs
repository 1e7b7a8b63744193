import sequencer from '@jest/test-sequencer';

/** By name, and after everything else the specs that break things. */
export default class FaultsLast extends sequencer {
  sort(tests) {
    const rank = ({ path }) => `${path.includes('/faults-') ? 1 : 0} ${path}`;
    return [...tests].sort((one, other) => (rank(one) < rank(other) ? -1 : 1));
  }
}
