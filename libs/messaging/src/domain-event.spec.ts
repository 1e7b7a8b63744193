import { describe, expect, it } from '@jest/globals';
import { exampleEvents } from '../test/example-events.ts';
import { decodeEvent, encodeEvent } from './domain-event.ts';

describe('domain events on the wire', () => {
  it.each(exampleEvents())('come back as they were: $type', (event) => {
    expect(decodeEvent(encodeEvent(event))).toEqual(event);
  });

  it.each(exampleEvents())('are none when any member is missing, empty, too long or of another type: $type', (event) => {
    for (const name of Object.keys(event).filter((member) => member !== 'type')) {
      for (const wrong of [undefined, null, '', 'x'.repeat(513), 1.5, true, [], {}]) {
        expect(() => encodeEvent({ ...event, [name]: wrong })).toThrow(TypeError);
        expect(decodeEvent(JSON.stringify({ v: 1, ...event, [name]: wrong }))).toBeUndefined();
      }
    }
  });

  it('of another version, of an unknown type, or that are no JSON objects are passed over', () => {
    const [event] = exampleEvents();
    for (const text of ['', 'null', '[]', '1', '{"v":1', JSON.stringify({ ...event, v: 2 }), JSON.stringify(event), '{"v":1,"type":"toString"}', '{"v":1,"type":"__proto__"}']) {
      expect(decodeEvent(text)).toBeUndefined();
    }
  });
});
