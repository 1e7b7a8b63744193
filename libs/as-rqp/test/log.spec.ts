import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { fixedKeys } from '@uma-federation/testing';
import { APP, APP_SECRET, Harness, OTHER_SECRET } from './harness.ts';
import { INTROSPECTION_CLIENT } from './support/fake-identity-provider.ts';
import { dpopProof, TICKET_HASH } from './support/forged-tokens.ts';
import { basic, type HttpAnswer } from './support/send-request.ts';

describe('A78 the log', () => {
  let harness: Harness;
  const answers: HttpAnswer[] = [];
  let log = '';

  beforeAll(async () => {
    harness = await Harness.start();
    const { exchange, send } = { exchange: harness.exchange.bind(harness), send: harness.send.bind(harness) };
    const opaque = 'opaque-token-of-bob-0123456789';
    answers.push(
      await exchange(),
      await exchange({ resource: 'mailto:alice@acme.example' }, { ...APP, dpop: dpopProof(harness.clock.now()) }),
      await exchange({ resource: 'mailto:alice@evil.example' }),
      await exchange({ resource: 'alice@acme.example' }),
      await exchange({ subject_token: opaque }),
      await exchange({ subject_token: harness.accessToken({ claims: { email: 'bob@evil.example' } }) }),
      await exchange({ subject_token: harness.accessToken({ claims: { email_verified: 'bob@globex.example' } }) }),
      await exchange({ actor_token: harness.resourceClaimsToken({ key: fixedKeys.evil }) }),
      await exchange({ actor_token: `${harness.resourceClaimsToken()}x` }),
      await exchange({ actor_token: harness.accessToken() }),
      await exchange({ client_id: 'app', client_secret: OTHER_SECRET }, {}),
      await exchange({ client_id: 'bob@globex.example' }, {}),
      await exchange({}, { authorization: basic('app', 'wrong-secret-of-bob') }),
      await exchange({}, { authorization: `Bearer ${harness.accessToken()}` }),
      await exchange({ grant_type: harness.accessToken() }),
      await exchange({ 'subject_token[]': harness.accessToken() }),
      await exchange({}, { ...APP, dpop: harness.accessToken() }),
      await harness.post('grant_type=x', APP, `/token?access_token=${harness.accessToken()}`),
      await send(`/token/${harness.accessToken()}`),
      await send('/.well-known/webfinger?resource=acct%3Abob%40globex.example'),
      await send('/.well-known/webfinger?resource=bob@globex.example'),
    );
    // The router refuses this one before it gets an id.
    await send('/%zz?bob@globex.example', { headers: { authorization: basic('app', APP_SECRET) } });
    await harness.provider.stop();
    harness.clock.advance(600);
    answers.push(await exchange({ subject_token: opaque }), await exchange());
    for (const answer of answers) await harness.logOf(answer);
    log = harness.logLines.join('');
    expect(log).toContain('"reason":"fst_err_bad_url"');
  });
  afterAll(() => harness.stop());

  it('has one line per request, which says the route, the status and the reason of a refusal', async () => {
    const lines = await Promise.all(answers.map((answer) => harness.logOf(answer)));
    expect(lines.map(({ status }) => status)).toEqual(answers.map(({ status }) => status));
    expect(new Set(lines.map(({ route }) => route))).toEqual(new Set(['/token', '/.well-known/webfinger', 'none']));
    const refused = lines.filter(({ status }) => Number(status) >= 400);
    // WebFinger's 400 is an answer of that protocol and no refusal.
    expect(refused.filter(({ route, reason }) => route !== '/.well-known/webfinger' && typeof reason !== 'string')).toEqual([]);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 400, 401, 404, 503]));
  });

  it.each([
    ['token', 'eyJ'],
    ['e-mail address', '@'],
    ['encoded e-mail address', '%40'],
    ['name of a person', 'bob'],
    ['name of an owner', 'alice'],
    ['opaque token', 'opaque-token'],
    ['secret of a client', APP_SECRET],
    ['secret of another client', OTHER_SECRET],
    ['secret in Basic', APP.authorization.slice('Basic '.length)],
    ['wrong secret', 'wrong-secret'],
    ['secret of ours', INTROSPECTION_CLIENT.clientSecret],
    ['hash of a ticket', TICKET_HASH],
  ])('has no %s in it', (_what, text) => {
    expect(log.toLowerCase()).not.toContain(text.toLowerCase());
  });

  it('needed no redaction: nothing of the kind was given to the logger', () => {
    expect(log).not.toContain('[redacted]');
  });

  it('is as discreet as the answers, which repeat nothing of a request that is refused', () => {
    for (const { status, text, headers } of answers.filter((answer) => answer.status >= 400)) {
      const everything = `${text}${JSON.stringify(headers)}`;
      expect(everything).not.toMatch(/eyJ|globex|acme|evil|bob|alice|opaque-token|wrong-secret/i);
      expect([status, text === '' || /^\{"error":"[a-z_]+"(,"error_description":"[A-Z][A-Za-z ,]+\.")?\}$/.test(text)]).toEqual([status, true]);
    }
  });
});
