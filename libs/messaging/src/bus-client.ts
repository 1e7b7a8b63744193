import { randomUUID } from 'node:crypto';
import { ClientProxy, type MsPattern, type ReadPacket, type WritePacket } from '@nestjs/microservices';
import { firstValueFrom } from 'rxjs';
import { BusRefusal } from './bus-refusal.ts';
import type { BusStatus } from './bus-server.ts';
import { BusTimeout } from './bus-timeout.ts';
import { decodeReply } from './reply-message.ts';
import type { RequestClient, RequestOptions } from './request-client.ts';
import type { RequestMessage } from './request-message.ts';
import { RequestRecord } from './request-record.ts';

/** Limits of a client. */
export interface BusClientLimits {
  /** Until a request without an answer is refused with `BusTimeout`. Default 1500. */
  readonly timeoutMs?: number | undefined;
  /** Requests under way at a time, at most 10,000; one more is refused at once. Default 256. */
  readonly maxInFlight?: number | undefined;
}

/** A request without its address and with its patience still in milliseconds from now. */
export type OutgoingMessage = Omit<RequestMessage, 'replyTo' | 'deadline'> & { readonly timeoutMs: number };

/** What the Redis transport and its twin share: requests under way, their deadlines and their answers. */
export abstract class BusClient extends ClientProxy<Record<never, never>, BusStatus> implements RequestClient {
  readonly #timeoutMs: number;
  readonly #maxInFlight: number;
  readonly #inFlight = new Map<string, (packet: WritePacket) => void>();
  #sequence = 0;
  #closed = false;

  constructor(limits: BusClientLimits) {
    super();
    this.#timeoutMs = limits.timeoutMs ?? 1500;
    this.#maxInFlight = limits.maxInFlight ?? 256;
  }

  abstract override connect(): Promise<void>;

  request<T>(pattern: string, data: unknown, options: RequestOptions = {}): Promise<T> {
    return firstValueFrom(this.send<T>(pattern, new RequestRecord(data, options)));
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const settle of [...this.#inFlight.values()]) settle({ err: new BusRefusal('bus_closed') });
  }

  protected get closed(): boolean {
    return this.#closed;
  }

  /** Hands a request to the transport. What it rejects with is what the caller gets. */
  protected abstract transmit(message: OutgoingMessage): Promise<void>;

  /** Called when a request has got no answer in time. */
  protected timedOut(): void {}

  /** Gives an answer to the request that waits for it. One that nobody waits for (too late, or the second one) is nothing to worry about. */
  protected receive(text: string): void {
    const reply = decodeReply(text);
    if (reply === undefined) return;
    const { result } = reply;
    this.#inFlight.get(reply.correlation)?.('error' in result ? { err: result.error } : { response: result.value, isDisposed: true });
  }

  protected override publish(packet: ReadPacket, callback: (packet: WritePacket) => void): () => void {
    if (this.#closed || this.#inFlight.size >= this.#maxInFlight) {
      callback({ err: new BusRefusal(this.#closed ? 'bus_closed' : 'bus_overloaded') });
      return () => undefined;
    }
    const message = this.#toMessage(packet);
    const { correlation } = message;
    const forget = () => {
      clearTimeout(timer);
      this.#inFlight.delete(correlation);
    };
    const settle = (answer: WritePacket) => {
      forget();
      callback(answer);
    };
    const timer = setTimeout(() => {
      settle({ err: new BusTimeout() });
      this.timedOut();
    }, message.timeoutMs);
    this.#inFlight.set(correlation, settle);
    this.transmit(message).catch((error: unknown) => this.#inFlight.get(correlation)?.({ err: error }));
    return forget;
  }

  /** Events are for every replica and go through an `EventPublisher`. */
  protected override async dispatchEvent(): Promise<never> {
    throw new Error('Requests only: publish events with an EventPublisher.');
  }

  #toMessage(packet: ReadPacket): OutgoingMessage {
    const { data, options } = RequestRecord.of(packet.data);
    return {
      id: options.messageId ?? randomUUID(),
      correlation: String((this.#sequence += 1)),
      pattern: this.normalizePattern(packet.pattern as MsPattern),
      data,
      metadata: { ...packet.metadata, ...options.metadata },
      timeoutMs: options.timeoutMs ?? this.#timeoutMs,
    };
  }
}
