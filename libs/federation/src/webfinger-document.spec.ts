import { describe, expect, it } from '@jest/globals';
import type { Issuer } from '@uma-federation/uma-core';
import { OIDC_ISSUER_REL, RESOURCE_OWNER_ISSUER_REL } from './issuer-rels.ts';
import { answerWebFinger, type WebFingerAnswer } from './webfinger-document.ts';

const settings = { domains: ['bar.example', 'xn--bcher-kva.example'], requestingPartyIssuer: 'https://as-rqp.bar.example' as Issuer, resourceOwnerIssuer: 'https://as-ro.bar.example' as Issuer };
const ask = (...parameters: [string, string][]): WebFingerAnswer => answerWebFinger(new URLSearchParams(parameters), settings);
const about = (resource: string): WebFingerAnswer => ask(['resource', resource]);

describe('answerWebFinger', () => {
  it('names both issuers of the domain in a JRD for everybody to read', () => {
    const answer = about('acct:bob@bar.example');
    expect(answer.status).toBe(200);
    expect(answer.headers).toMatchObject({ 'Content-Type': 'application/jrd+json', 'Access-Control-Allow-Origin': '*' });
    expect(JSON.parse(answer.body)).toEqual({
      subject: 'acct:bob@bar.example',
      links: [{ rel: OIDC_ISSUER_REL, href: 'https://as-rqp.bar.example' }, { rel: RESOURCE_OWNER_ISSUER_REL, href: 'https://as-ro.bar.example' }],
    });
  });

  it('names no authorization server for resource owners where there is none', () => {
    const { body } = answerWebFinger(new URLSearchParams({ resource: 'acct:bob@bar.example' }), { domains: settings.domains, requestingPartyIssuer: settings.requestingPartyIssuer });
    expect(body).not.toContain(RESOURCE_OWNER_ISSUER_REL);
  });

  it('answers alike for everybody in the domain, so that nobody can be enumerated [A46]', () => {
    const answers = ['acct:bob@bar.example', 'acct:nobody@bar.example', "acct:o'hara+x%23@bar.example"].map((resource) => {
      const { status, headers, body } = about(resource);
      return { status, headers, body: body.replace(JSON.stringify(resource), '"…"') };
    });
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
  });

  it.each(['acct:bob@bar.example', 'mailto:bob@bar.example', 'acct:bob@BAR.example', 'ACCT:bob@bar.example', 'acct:bob%2Bx@bar.example', 'https://bar.example/', 'https://bar.example/bob', 'acct:bob@bücher.example', 'acct:bob@xn--bcher-kva.example'])(
    'echoes %s as subject',
    (resource) => {
      expect((JSON.parse(about(resource).body) as { subject: string }).subject).toBe(resource);
    },
  );

  it('filters by rel, also to nothing', () => {
    const relsOf = (...rels: string[]): string[] => {
      const { body } = ask(['resource', 'acct:bob@bar.example'], ...rels.map((rel): [string, string] => ['rel', rel]));
      return (JSON.parse(body) as { links: { rel: string }[] }).links.map(({ rel }) => rel);
    };
    expect(relsOf(RESOURCE_OWNER_ISSUER_REL)).toEqual([RESOURCE_OWNER_ISSUER_REL]);
    expect(relsOf(RESOURCE_OWNER_ISSUER_REL, OIDC_ISSUER_REL)).toEqual([OIDC_ISSUER_REL, RESOURCE_OWNER_ISSUER_REL]);
    expect(relsOf('http://webfinger.net/rel/avatar')).toEqual([]);
  });

  it.each(['acct:bob@foo.example', 'acct:bob@sub.bar.example', 'acct:bob@bar.example.evil', 'acct:bob@evilbar.example', 'https://foo.example/', 'http://bar.example/', 'tag:bar.example,2026:x'])('knows nothing about %s', (resource) => {
    expect(about(resource)).toEqual({ status: 404, headers: { 'Access-Control-Allow-Origin': '*' }, body: '' });
  });

  it.each(['', 'bob@bar.example', 'acct:', 'acct:bob', 'acct:@bar.example', 'acct:a@b@bar.example', 'acct:a%40b@bar.example', 'acct:%zz@bar.example', 'mailto:bob@bar.example?subject=x', 'acct:bob@bar.example\r\n', 'https://'])(
    'refuses the malformed resource "%s"',
    (resource) => {
      expect(about(resource).status).toBe(400);
    },
  );

  it('refuses a missing or repeated resource', () => {
    expect(ask().status).toBe(400);
    expect(ask(['rel', OIDC_ISSUER_REL]).status).toBe(400);
    expect(ask(['resource', 'acct:bob@bar.example'], ['resource', 'acct:bob@bar.example']).status).toBe(400);
  });
});
