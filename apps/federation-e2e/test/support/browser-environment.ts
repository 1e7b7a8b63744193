/** A request as the page sent it. */
export interface SentRequest {
  readonly method: string;
  readonly url: string;
  readonly body: string;
}

/**
 * As much of a browser as keycloak-js touches: a window with an address, and XMLHttpRequest on top of fetch. A stand-in for tests.
 * @param pageUrl where the application is
 * @returns what was sent, in order, and how to take it all away again
 */
export function browserEnvironment(pageUrl: string): { readonly sent: SentRequest[]; restore(): void } {
  const sent: SentRequest[] = [];
  const before = new Map(['window', 'isSecureContext', 'XMLHttpRequest'].map((name) => [name, Object.getOwnPropertyDescriptor(globalThis, name)]));
  const location = { href: pageUrl, origin: new URL(pageUrl).origin };
  const window = { location, history: { state: null, replaceState: (): void => undefined } };
  for (const [name, value] of Object.entries({ window, isSecureContext: true, XMLHttpRequest: requestClass(sent) })) {
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  }
  return {
    sent,
    restore: () => {
      for (const [name, descriptor] of before) {
        if (descriptor === undefined) Reflect.deleteProperty(globalThis, name);
        else Object.defineProperty(globalThis, name, descriptor);
      }
    },
  };
}

/** XMLHttpRequest, as far as it goes: open, headers, send, and the one event at the end. */
function requestClass(sent: SentRequest[]): object {
  return class {
    readyState = 0;
    status = 0;
    responseText = '';
    onreadystatechange: (() => void) | undefined;
    readonly #headers = new Headers();
    #method = '';
    #url = '';

    open(method: string, url: string): void {
      this.#method = method;
      this.#url = url;
    }

    setRequestHeader(name: string, value: string): void {
      this.#headers.append(name, value);
    }

    send(body: string): void {
      sent.push({ method: this.#method, url: this.#url, body });
      void this.#complete(body);
    }

    async #complete(body: string): Promise<void> {
      try {
        const response = await globalThis.fetch(this.#url, { method: this.#method, headers: this.#headers, body });
        this.responseText = await response.text();
        this.status = response.status;
      } catch {
        // XMLHttpRequest 4.7: a network error shows as status 0.
        this.status = 0;
      }
      this.readyState = 4;
      this.onreadystatechange?.();
    }
  };
}
