import { Html, html } from './html.ts';
import type { Page } from './page.ts';

const SCOPE_WORDS: Readonly<Record<string, string>> = {
  openid: 'your sign-in',
  email: 'your e-mail address',
  profile: 'your name',
  offline_access: 'access while you are away',
};

/** Asked for with `prompt=consent`; nobody else sees it. */
export function consentPage(action: string, application: string, scopes: readonly string[]): Page {
  return {
    title: 'Allow access',
    content: html`<p><strong>${application}</strong> asks for: ${scopes.map((scope) => SCOPE_WORDS[scope] ?? scope).join(', ')}.</p>
      <form method="post" action="${action}">
        <button name="do" value="allow">Allow</button>
        <button name="do" value="cancel" class="quiet">Refuse</button>
      </form>`,
  };
}

/** What stands at the provider's root. */
export function homePage(issuer: string): Page {
  return {
    title: 'OpenID Provider',
    content: html`<p>
        This server signs people in for tests and demonstrations. It keeps plain passwords, lets any client register and loses its
        memory when it stops.
      </p>
      <p>Applications find the rest at <a href="${issuer}/.well-known/openid-configuration">its metadata</a>.</p>`,
  };
}

/** A refusal that cannot be sent to the application. */
export function errorPage(error: string, description: string): Page {
  return {
    title: 'This did not work',
    content: html`<p class="error" role="alert">${description}</p>
      <p class="hint"><code>${error}</code></p>
      <p>Go back to the application and start again.</p>`,
  };
}

/** @param form the form element that oidc-provider made, with the id `op.logoutForm` */
export function signOutPage(form: string): Page {
  return {
    title: 'Sign out',
    content: html`<p>Do you want to sign out?</p>
      ${Html.trusted(form)}
      <button form="op.logoutForm" name="logout" value="yes">Sign out</button>
      <button form="op.logoutForm" class="quiet">Stay signed in</button>`,
  };
}

/** The end of a sign-out that leads back to no application. */
export function signedOutPage(): Page {
  return { title: 'Done', content: html`<p>You can close this page.</p>` };
}
