import { InProcessBus } from '../src/index.ts';
import { describeBus } from './bus-contract.ts';

const bus = new InProcessBus();

describeBus('the in-process bus', {
  server: (service, options) => bus.server(service, options),
  client: (service, limits) => bus.client(service, limits),
});
