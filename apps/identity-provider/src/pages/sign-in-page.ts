import { html } from './html.ts';
import type { Html } from './html.ts';
import type { Page } from './page.ts';

/** Whether the one-time code is asked for, and whether one may leave it out. */
export type CodeField = 'hidden' | 'optional' | 'required';

export interface SignInForm {
  /** Where the form goes: a path of this provider. */
  readonly action: string;
  /** The application that wants the sign-in, by its registered name or id. */
  readonly application: string;
  /** What stands in the e-mail field: a login hint, the person of the session, or what was typed before. */
  readonly email: string;
  readonly codeField: CodeField;
  readonly error?: string;
}

/** The sign-in page. */
export function signInPage(form: SignInForm): Page {
  return {
    title: 'Sign in',
    content: html`<p>to go on to <strong>${form.application}</strong></p>
      ${form.error === undefined ? html`` : html`<p class="error" role="alert" id="error">${form.error}</p>`}
      <form method="post" action="${form.action}">
        <label for="email">E-mail address</label>
        <input id="email" name="email" type="email" autocomplete="username" required value="${form.email}" ${autofocus(form.email === '')} />
        <label for="password">Password</label>
        <input id="password" name="password" type="password" autocomplete="current-password" required ${autofocus(form.email !== '')} />
        ${codeInput(form.codeField)}
        <button name="do" value="sign-in">Sign in</button>
        <button name="do" value="cancel" class="quiet" formnovalidate>Cancel</button>
      </form>`,
  };
}

function autofocus(wanted: boolean): Html {
  return wanted ? html`autofocus` : html``;
}

function codeInput(codeField: CodeField): Html {
  if (codeField === 'hidden') return html``;
  const required = codeField === 'required';
  return html`<label for="code">One-time code${required ? '' : ' (optional)'}</label>
        <input id="code" class="code" name="code" inputmode="numeric" autocomplete="one-time-code" pattern="[0-9]{6}" maxlength="6"
          title="six digits" aria-describedby="code-hint" ${required ? html`required` : html``} />
        <p class="hint" id="code-hint">There is no telephone behind this: the code is <code>000000</code>, or the one in the person's configuration.</p>`;
}
