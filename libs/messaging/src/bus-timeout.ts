import { BusRefusal } from './bus-refusal.ts';

/** No replica has answered within the request's deadline. None will begin to work on it from now on. */
export class BusTimeout extends BusRefusal {
  constructor() {
    super('bus_timeout');
    this.name = 'BusTimeout';
  }
}
