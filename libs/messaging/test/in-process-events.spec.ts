import { beforeEach } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { InProcessBus } from '../src/index.ts';
import { describeEvents } from './events-contract.ts';

let bus = new InProcessBus();
beforeEach(() => {
  Logger.overrideLogger(false);
  bus = new InProcessBus();
});

describeEvents('events in one process', { publisher: async () => bus.events, subscriber: async () => bus.events });
