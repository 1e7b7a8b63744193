import type { EventPublisher } from '@uma-federation/messaging';
import type { ResourceRegistry, ShareStore } from '@uma-federation/uma-core';

/**
 * The same stores, which now tell the replicas of the domain when access may have ended, so that these need not wait for their next look at
 * the revocation feed. Whether an event arrives does not matter to the change, and the change does not wait for it.
 */
export function announceChanges<Stores extends { readonly shares: ShareStore; readonly resources: ResourceRegistry }>(stores: Stores, events: EventPublisher): Stores {
  const { shares, resources } = stores;
  return {
    ...stores,
    shares: {
      create: (share) => shares.create(share),
      findByResources: (ids) => shares.findByResources(ids),
      listByOwner: (owner) => shares.listByOwner(owner),
      remove: async (shareId, owner) => {
        const removed = await shares.remove(shareId, owner);
        if (removed) void events.publish({ type: 'share-changed', shareId });
        return removed;
      },
    } satisfies ShareStore,
    resources: {
      create: (resource) => resources.create(resource),
      find: (id) => resources.find(id),
      findAll: (ids) => resources.findAll(ids),
      listIds: (resourceServer, owner) => resources.listIds(resourceServer, owner),
      listByOwner: (owner) => resources.listByOwner(owner),
      replace: async (resource) => {
        const replaced = await resources.replace(resource);
        if (replaced) void events.publish({ type: 'resource-changed', resourceId: resource.id });
        return replaced;
      },
      remove: async (resourceId, resourceServer, owner) => {
        const removed = await resources.remove(resourceId, resourceServer, owner);
        if (removed) void events.publish({ type: 'resource-changed', resourceId });
        return removed;
      },
    } satisfies ResourceRegistry,
  };
}
