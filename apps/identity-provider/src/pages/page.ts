import { createHash } from 'node:crypto';
import type { Context } from '../engine.ts';
import { Html, html } from './html.ts';
import { STYLE } from './style.ts';

/**
 * Nothing is loaded from anywhere, nothing runs, nobody may frame the page. `form-action` is left out on purpose: browsers apply it
 * to the redirects that follow a form, and those lead to the client and from there wherever it goes on.
 */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

const HEADERS: Readonly<Record<string, string>> = {
  'Content-Security-Policy': CONTENT_SECURITY_POLICY,
  'X-Frame-Options': 'DENY',
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cache-Control': 'no-store',
};

/** A page: its title, and what stands in the card under it. */
export interface Page {
  readonly title: string;
  readonly content: Html;
}

/** Sends a page in the common frame, which says on each of them what this provider is. */
export function sendPage(ctx: Context, status: number, displayName: string, page: Page): void {
  for (const [name, value] of Object.entries(HEADERS)) ctx.set(name, value);
  ctx.status = status;
  ctx.type = 'text/html; charset=utf-8';
  ctx.body = html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>${page.title} · ${displayName}</title>
    <style>${Html.trusted(STYLE)}</style>
  </head>
  <body>
    <p class="warning">Development identity provider. Never for production.</p>
    <main>
      <p class="domain">${displayName}</p>
      <h1>${page.title}</h1>
      ${page.content}
    </main>
  </body>
</html>
`.text;
}
