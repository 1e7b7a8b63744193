import { describe, expect, it } from '@jest/globals';
import { isMissingGroup } from './missing-group.ts';

describe('the stream of requests', () => {
  it('a vanished group is told apart from other failures', () => {
    expect(isMissingGroup(new Error("NOGROUP No such key 'k' or consumer group 'g' in XREADGROUP with GROUP option"))).toBe(true);
    expect(isMissingGroup(new Error('UNBLOCKED the stream key no longer exists'))).toBe(true);
    expect(isMissingGroup(new Error('READONLY You cannot write against a read only replica.'))).toBe(false);
  });
});
