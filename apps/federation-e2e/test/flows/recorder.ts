/** One HTTP message pair as it was on the wire. Bodies are text. */
export interface RecordedExchange {
  readonly method: string;
  readonly url: string;
  readonly requestHeaders: Headers;
  readonly requestBody: string;
  readonly status: number;
  readonly responseHeaders: Headers;
  readonly responseBody: string;
}

/** A page's content in order: what somebody says, and what goes over the wire. */
export type FlowItem = { readonly kind: 'words'; readonly text: string } | { readonly kind: 'exchange'; readonly exchange: RecordedExchange };

/** Takes down what goes over the wire between two calls of `say`. What is done before the first is not on the page. */
export class Recorder {
  readonly items: FlowItem[] = [];
  readonly #through: typeof fetch;
  #isOn = false;

  constructor(through: typeof fetch) {
    this.#through = through;
  }

  /** The recording fetch. */
  readonly fetch: typeof fetch = async (input, init) => {
    const request = new Request(input, init);
    const requestBody = await request.clone().text();
    const response = await this.#through(request.url, { ...init, method: request.method, headers: request.headers, ...(requestBody === '' ? {} : { body: requestBody }) });
    if (this.#isOn) {
      const { method, url, headers: requestHeaders } = request;
      const { status, headers: responseHeaders } = response;
      const responseBody = await response.clone().text();
      this.items.push({ kind: 'exchange', exchange: { method, url, requestHeaders, requestBody, status, responseHeaders, responseBody } });
    }
    return response;
  };

  /** A sentence before what follows, which is recorded from now on. */
  say(text: string): void {
    this.#isOn = true;
    this.items.push({ kind: 'words', text });
  }

  /** What follows happens out of sight, for example a sign-in. */
  pause(): void {
    this.#isOn = false;
  }
}
