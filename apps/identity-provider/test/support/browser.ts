/** A page or a redirect that the browser stopped at. */
export interface Stop {
  readonly url: string;
  readonly status: number;
  readonly html: string;
  readonly headers: Headers;
}

/** A browser as far as sign-in needs one: redirects, and cookies that, as in real ones, are kept by host and path but not by port. */
export class Browser {
  readonly #jar = new Map<string, { host: string; path: string; name: string; value: string }>();

  cookieNames(): string[] {
    return [...this.#jar.values()].map(({ name }) => name);
  }

  /** Every cookie, as a Cookie header that a browser would never send: regardless of paths. */
  allCookies(): string {
    return [...this.#jar.values()].map(({ name, value }) => `${name}=${value}`).join('; ');
  }

  /** Follows redirects for as long as they stay with the origin of `url`; stops at the first page or at the first foreign URL. */
  async open(url: string, form?: Record<string, string>): Promise<Stop> {
    const target = new URL(url);
    const response = await fetch(target, {
      method: form === undefined ? 'GET' : 'POST',
      ...(form === undefined ? {} : { body: new URLSearchParams(form) }),
      headers: { cookie: this.#cookiesFor(target), accept: 'text/html,application/xhtml+xml' },
      redirect: 'manual',
    });
    for (const line of response.headers.getSetCookie()) this.#keep(target, line);
    const location = response.headers.get('location');
    if (location === null) return { url, status: response.status, html: await response.text(), headers: response.headers };
    const next = new URL(location, target);
    if (next.origin !== target.origin) return { url: next.href, status: response.status, html: '', headers: response.headers };
    return this.open(next.href);
  }

  /** Fills in the form of a page. */
  async submit(page: Stop, values: Record<string, string>): Promise<Stop> {
    const action = /<form method="post" action="([^"]+)"/.exec(page.html)?.[1];
    if (action === undefined) throw new Error(`no form on ${page.url}: ${page.html}`);
    return this.open(new URL(action, page.url).href, values);
  }

  #cookiesFor(url: URL): string {
    return [...this.#jar.values()]
      .filter(({ host, path }) => host === url.hostname && (path === '/' || url.pathname === path || url.pathname.startsWith(`${path}/`)))
      .map(({ name, value }) => `${name}=${value}`)
      .join('; ');
  }

  #keep(url: URL, line: string): void {
    const [pair = '', ...attributes] = line.split(/; */);
    const name = pair.slice(0, pair.indexOf('='));
    const path = attributes.find((attribute) => attribute.toLowerCase().startsWith('path='))?.slice(5) ?? '/';
    const key = `${url.hostname} ${path} ${name}`;
    if (/expires=Thu, 01 Jan 1970/i.test(line)) this.#jar.delete(key);
    else this.#jar.set(key, { host: url.hostname, path, name, value: pair.slice(pair.indexOf('=') + 1) });
  }
}
