import type { InspectedHeaders } from '@uma-federation/reverse-proxy';
import type { Answer } from './answer.ts';

/** Web pages that may call the API (WHATWG Fetch, CORS protocol). */
export interface CorsSettings {
  readonly origins: readonly string[];
  readonly allowedHeaders: readonly string[];
  readonly maxAgeMs: number;
}

const NONE: Readonly<Record<string, string>> = {};

/** Headers that let the page at the request's `Origin` read an answer; none for other origins. */
export function corsHeaders(headers: InspectedHeaders, settings: CorsSettings | undefined): Readonly<Record<string, string>> {
  if (settings === undefined) return NONE;
  const origin = headers.values('origin');
  const [first] = origin;
  if (first === undefined || origin.length > 1 || !settings.origins.includes(first)) return NONE;
  return { 'Access-Control-Allow-Origin': first, 'Access-Control-Expose-Headers': 'WWW-Authenticate, Retry-After' };
}

/**
 * The answer to OPTIONS, which never reaches the upstream: whoever sends it has shown no token (A82).
 * @param methods the methods that have a route at the path, at least one
 */
export function optionsAnswer(methods: readonly string[], headers: InspectedHeaders, settings: CorsSettings | undefined): Answer {
  const allow = [...methods, 'OPTIONS'].sort().join(', ');
  const cors = corsHeaders(headers, settings);
  const permitted = settings !== undefined && Object.keys(cors).length > 0;
  return {
    status: 204,
    headers: {
      Allow: allow,
      'Cache-Control': 'no-store',
      Vary: 'Origin',
      ...(permitted
        ? {
            'Access-Control-Allow-Origin': cors['Access-Control-Allow-Origin'] ?? '',
            'Access-Control-Allow-Methods': allow,
            'Access-Control-Allow-Headers': settings.allowedHeaders.join(', '),
            'Access-Control-Max-Age': String(Math.floor(settings.maxAgeMs / 1000)),
          }
        : {}),
    },
  };
}
