import { Logger } from '@nestjs/common';
import { Server, type CustomTransportStrategy } from '@nestjs/microservices';
import { ProtocolError } from '@uma-federation/uma-core';
import { lastValueFrom } from 'rxjs';
import type { Outcome } from './reply-message.ts';
import type { RequestContext } from './request-context.ts';
import type { RequestMessage } from './request-message.ts';
import { toWireFailure } from './wire-failure.ts';

/** Whether requests can reach this replica. */
export type BusStatus = 'connected' | 'disconnected';

/** What the Redis transport and its twin share: running the handler of a request. Give it to Nest as `strategy`. */
export abstract class BusServer extends Server<Record<string, never>, BusStatus> implements CustomTransportStrategy {
  protected override readonly logger = new Logger(this.constructor.name);

  abstract override listen(callback: (error?: Error) => void): void | Promise<void>;
  abstract override close(): Promise<void>;

  /** Nothing is emitted but `status`. */
  override on(): never {
    throw new Error('Subscribe to "status": this server has no other events.');
  }

  /**
   * Runs the handler of a request. Never rejects: what the handler throws is the outcome; what is no refusal is logged, without the data.
   * A handler that returns a stream answers with its last value.
   */
  protected answer(request: RequestMessage, context: RequestContext): Promise<Outcome> {
    return new Promise((resolve) => {
      this.runWithProcessingHooks(context, async (end) => {
        resolve(await this.#outcome(request, context));
        end();
      });
    });
  }

  async #outcome(request: RequestMessage, context: RequestContext): Promise<Outcome> {
    // Both sides have brought patterns into Nest's normal form.
    const handler = this.messageHandlers.get(request.pattern);
    if (handler === undefined || handler.isEventHandler === true) {
      // Possible during an upgrade, when the caller is newer than this replica: come back later.
      return { failure: { error: 'temporarily_unavailable', status: 503, reason: 'bus_no_handler', retryAfterSeconds: 1 } };
    }
    try {
      const result: unknown = await handler(request.data, context);
      return { value: await lastValueFrom(this.transformToObservable(result), { defaultValue: null }) };
    } catch (error) {
      if (!(error instanceof ProtocolError)) this.logger.error(error);
      return { failure: toWireFailure(error) };
    }
  }
}
