import { ONE_TIME_CODE_ACR, PASSWORD_ACR, acrDemand, authenticationContext } from './authentication-context.ts';
import type { Context, Interaction, Middleware, Provider } from './engine.ts';
import { consentPage, errorPage, homePage } from './pages/plain-pages.ts';
import { sendPage } from './pages/page.ts';
import { signInPage } from './pages/sign-in-page.ts';
import type { CodeField } from './pages/sign-in-page.ts';
import type { People } from './people.ts';
import { readForm } from './read-form.ts';

interface Desk {
  readonly provider: Provider;
  readonly people: People;
  readonly displayName: string;
}

/** Where oidc-provider sends the browser when it needs the person. */
export function interactionPath(interaction: { readonly uid: string }): string {
  return `/interaction/${interaction.uid}`;
}

/**
 * Serves the home page and the pages between an authorization request and its answer; everything else goes on to oidc-provider.
 * A form is taken only together with the cookie of the very interaction its path names (a random value, SameSite=Lax), so another
 * site cannot send it.
 */
export function interactionPages(provider: Provider, people: People, displayName: string): Middleware {
  const desk: Desk = { provider, people, displayName };
  return async (ctx, next) => {
    if (ctx.path === '/' && ctx.method === 'GET') return sendPage(ctx, 200, displayName, homePage(provider.issuer));
    const uid = /^\/interaction\/([A-Za-z0-9_-]{1,128})$/.exec(ctx.path)?.[1];
    if (uid === undefined || (ctx.method !== 'GET' && ctx.method !== 'POST')) return next();
    const interaction = await findInteraction(desk, ctx, uid);
    if (interaction === undefined) {
      return sendPage(ctx, 400, displayName, errorPage('session_not_found', 'This sign-in has expired, or it began in another browser.'));
    }
    return ctx.method === 'GET' ? show(desk, ctx, interaction, {}) : submit(desk, ctx, interaction);
  };
}

async function findInteraction(desk: Desk, ctx: Context, uid: string): Promise<Interaction | undefined> {
  try {
    const interaction = await desk.provider.interactionDetails(ctx.req, ctx.res);
    return interaction.uid === uid ? interaction : undefined;
  } catch (error) {
    if (error instanceof Error && error.name === 'SessionNotFound') return undefined;
    throw error;
  }
}

async function show(desk: Desk, ctx: Context, interaction: Interaction, typed: { email?: string; error?: string }): Promise<void> {
  const action = interactionPath(interaction);
  const { client_id: clientId = '', login_hint: hint = '', scope = '' } = interaction.params;
  const application = (await desk.provider.Client.find(clientId))?.clientName ?? clientId;
  if (interaction.prompt.name === 'consent') {
    return sendPage(ctx, 200, desk.displayName, consentPage(action, application, scope.split(' ')));
  }
  const current = desk.people.bySubject(interaction.session?.accountId ?? '')?.email;
  const email = typed.email ?? current ?? hint;
  const form = { action, application, email, codeField: codeField(interaction), ...(typed.error === undefined ? {} : { error: typed.error }) };
  sendPage(ctx, 200, desk.displayName, signInPage(form));
}

async function submit(desk: Desk, ctx: Context, interaction: Interaction): Promise<void> {
  const form = await readForm(ctx.req);
  if (form === undefined) return sendPage(ctx, 400, desk.displayName, errorPage('invalid_request', 'The form could not be read.'));
  if (form.get('do') === 'cancel') {
    return finish(desk, ctx, { error: 'access_denied', error_description: 'the person cancelled' });
  }
  if (interaction.prompt.name === 'consent') return finish(desk, ctx, { consent: {} });
  const email = form.get('email') ?? '';
  const code = form.get('code') ?? '';
  if (code === '' && codeField(interaction) === 'required') {
    return show(desk, ctx, interaction, { email, error: 'This application needs the one-time code as well.' });
  }
  const person = desk.people.signIn(email, form.get('password') ?? '', code === '' ? undefined : code);
  if (person === undefined) {
    const error = code === '' ? 'E-mail address or password is wrong.' : 'E-mail address, password or one-time code is wrong.';
    return show(desk, ctx, interaction, { email, error });
  }
  return finish(desk, ctx, { login: { accountId: person.subject, remember: true, ...authenticationContext(code !== '') } });
}

async function finish(desk: Desk, ctx: Context, result: Record<string, unknown>): Promise<void> {
  const returnTo = await desk.provider.interactionResult(ctx.req, ctx.res, result);
  ctx.status = 303;
  ctx.redirect(returnTo);
}

/** The code is required when only it satisfies `acr_values`, and offered when it is among them or when the person signs in anew. */
function codeField(interaction: Interaction): CodeField {
  const demand = acrDemand(interaction.params['acr_values']);
  const acrs = demand.kind === 'one-of' ? demand.acrs : [];
  if (acrs.includes(ONE_TIME_CODE_ACR)) return acrs.includes(PASSWORD_ACR) ? 'optional' : 'required';
  return interaction.prompt.reasons.some((reason) => reason === 'login_prompt' || reason === 'max_age') ? 'optional' : 'hidden';
}
