import type { Names, NamedToken } from './names.ts';
import type { FlowItem, RecordedExchange } from './recorder.ts';

/** Headers that say something about the protocol. */
const REQUEST_HEADERS = ['authorization', 'dpop', 'content-type'];
const RESPONSE_HEADERS = ['www-authenticate', 'location', 'warning', 'retry-after', 'content-type', 'cache-control'];

/**
 * A page of docs/protocol/flows: words and messages in turn, what changes from run to run named.
 * @param spec file that the page is taken by
 */
export function flowPage(title: string, items: readonly FlowItem[], names: Names, spec = 'flow-pages.spec.ts'): string {
  const parts = items.map((item) => (item.kind === 'words' ? item.text : exchangeText(item.exchange, names)));
  const origin = `Taken from a running federation by \`apps/federation-e2e/test/${spec}\`, which fails when this page is not what is on the wire. What changes from run to run has a name in ‹›.`;
  return `# ${title}\n\n${origin}\n\n${parts.join('\n\n')}\n`;
}

function exchangeText(exchange: RecordedExchange, names: Names): string {
  const { method, url, requestHeaders, requestBody, status, responseHeaders, responseBody } = exchange;
  const { host, pathname, search } = new URL(url);
  const request = [
    `${method} ${names.apply(pathname + search)}`,
    `Host: ${names.apply(host)}`,
    ...headerLines(requestHeaders, REQUEST_HEADERS, names),
    ...bodyLines(requestBody, requestHeaders.get('content-type') ?? '', names),
  ];
  const response = [
    `HTTP ${status}`,
    ...headerLines(responseHeaders, RESPONSE_HEADERS, names),
    ...bodyLines(responseBody, responseHeaders.get('content-type') ?? '', names),
  ];
  const text = `\`\`\`http\n${request.join('\n')}\n\n${response.join('\n')}\n\`\`\``;
  return [text, ...names.takeFresh().map(tokenText)].join('\n\n');
}

function tokenText({ name, type, claims }: NamedToken): string {
  return `${name} is a \`${type}\`:\n\n\`\`\`json\n${JSON.stringify(claims, undefined, 2)}\n\`\`\``;
}

function headerLines(headers: Headers, wanted: readonly string[], names: Names): readonly string[] {
  return wanted.flatMap((name) => {
    const value = headers.get(name);
    if (value === null) return [];
    const shown = /^basic /i.test(value) ? names.apply(basicText(value)) : names.apply(value.replaceAll(/, (?=(UMA|Bearer|DPoP) )/g, ',\n  ').replaceAll(/", /g, '",\n    '));
    return [`${name.replace(/(^|-)([a-z])/g, (_match, dash: string, letter: string) => dash + letter.toUpperCase())}: ${shown}`];
  });
}

/** Whose credentials they are, without the secret. */
function basicText(value: string): string {
  const id = Buffer.from(value.slice('Basic '.length), 'base64').toString().split(':', 1)[0] ?? '';
  return `Basic ‹${decodeURIComponent(id)} and its secret›`;
}

function bodyLines(body: string, type: string, names: Names): readonly string[] {
  if (body === '') return [];
  if (type.startsWith('application/x-www-form-urlencoded')) {
    return ['', ...[...new URLSearchParams(body)].map(([name, value], index) => `${index === 0 ? ' ' : '&'}${name}=${names.apply(value)}`)];
  }
  return ['', names.apply(jsonText(body))];
}

function jsonText(body: string): string {
  try {
    const rounded = (name: string, value: unknown): unknown => {
      if (name === 'expires_in') return Math.ceil(Number(value) / 10) * 10;
      if (name === 'jti') return '‹unique›';
      if (name === 'client_secret') return '‹secret›';
      return typeof value === 'number' && ['iat', 'nbf', 'exp', 'auth_time', 'client_id_issued_at'].includes(name) ? '‹time›' : value;
    };
    return JSON.stringify(JSON.parse(body, rounded), undefined, 2);
  } catch {
    return body;
  }
}
