import { isLoopbackUrl, parseDomain } from '@uma-federation/uma-core';

/** Several domains on one machine, for development and tests; a production configuration refuses it. */
export interface LoopbackSetting {
  /** E-mail domain (lower-case A-label) → base URL on loopback, for example `http://127.0.0.1:4100`. */
  readonly addressMap: Readonly<Record<string, string>>;
}

/** Where `https://{domain}/…` of a mapped domain is really asked. */
export class LoopbackMap {
  readonly #origins: ReadonlyMap<string, string>;

  /** @throws Error when a key is no canonical domain or a value is not an origin on 127.0.0.1, [::1] or localhost */
  constructor(setting: LoopbackSetting) {
    this.#origins = new Map(Object.entries(setting.addressMap).map(([domain, base]) => [checkDomain(domain), loopbackOrigin(domain, base)]));
  }

  /** The URL to ask: path and query on the mapped base, or the URL itself when its host is not mapped. */
  rewrite(url: URL): URL {
    const origin = url.protocol === 'https:' && url.port === '' ? this.#origins.get(url.hostname) : undefined;
    return origin === undefined ? url : new URL(`${origin}${url.pathname}${url.search}`);
  }
}

/**
 * Refuses the development setting; for production configurations.
 * @throws Error when `settings.loopback` is present
 */
export function assertNoLoopback(settings: { readonly loopback?: unknown }): void {
  if (settings.loopback !== undefined) throw new Error('The loopback address map is a development setting; a production configuration must not have it.');
}

function checkDomain(domain: string): string {
  if (parseDomain(domain) !== domain) throw new Error(`The address map names "${domain}", which is no lower-case domain name in A-label form.`);
  return domain;
}

function loopbackOrigin(domain: string, base: string): string {
  const url = URL.canParse(base) ? new URL(base) : undefined;
  if (url === undefined || !isLoopbackUrl(url) || (base !== url.origin && base !== `${url.origin}/`)) {
    throw new Error(`The address map sends "${domain}" to something that is not an origin on 127.0.0.1, [::1] or localhost.`);
  }
  return url.origin;
}
