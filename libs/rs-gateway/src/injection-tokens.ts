/** Names under which the module binds what the controllers need. */
export const GATEWAY = Symbol('Gateway');
export const FORWARDER = Symbol('Forwarder');
export const METADATA = Symbol('ProtectedResourceMetadata');
export const LOGGER = Symbol('Logger');
