import { describe, expect, it } from '@jest/globals';
import { DiscoveryFailure, type Issuer, type JsonValue } from '@uma-federation/uma-core';
import { fakeStrangers, type FakeAnswer } from '../test/fakes.ts';
import { fetchAuthorizationServerMetadata, metadataUrls } from './authorization-server-metadata.ts';

const ISSUER = 'https://as.bar.example/tenant1' as Issuer;
const [INSERTED = '', OPENID = '', UMA = ''] = metadataUrls(ISSUER);
const good = { json: { issuer: ISSUER, jwks_uri: 'https://keys.example/jwks', extra: [] } };

async function outcomeOf(answers: Record<string, FakeAnswer>, issuer = ISSUER): Promise<{ result: string; asked: string[] }> {
  const strangers = fakeStrangers(answers);
  const result = await fetchAuthorizationServerMetadata(strangers, issuer).then(
    (metadata) => `${metadata.issuer} ${metadata.jwksUri} ${metadata.lifetimeSeconds}`,
    (error: unknown) => (error instanceof DiscoveryFailure ? error.reason : String(error)),
  );
  return { result, asked: strangers.asked };
}

describe('fetchAuthorizationServerMetadata', () => {
  it('inserts the well-known segment before the path, and appends it for OpenID and UMA', () => {
    expect(metadataUrls(ISSUER)).toEqual([
      'https://as.bar.example/.well-known/oauth-authorization-server/tenant1',
      'https://as.bar.example/tenant1/.well-known/openid-configuration',
      'https://as.bar.example/tenant1/.well-known/uma2-configuration',
    ]);
    expect(metadataUrls('https://as.bar.example' as Issuer)[0]).toBe('https://as.bar.example/.well-known/oauth-authorization-server');
    expect(metadataUrls('https://as.bar.example/' as Issuer)[1]).toBe('https://as.bar.example/.well-known/openid-configuration');
    expect(metadataUrls('https://as.bar.example/t/' as Issuer)[0]).toBe('https://as.bar.example/.well-known/oauth-authorization-server/t');
  });

  it('goes to the next form after 404 and 410 only', async () => {
    expect(await outcomeOf({ [OPENID]: good })).toEqual({ result: `${ISSUER} https://keys.example/jwks 600`, asked: [INSERTED, OPENID] });
    expect((await outcomeOf({ [OPENID]: { status: 410 }, [UMA]: good })).asked).toEqual([INSERTED, OPENID, UMA]);
    expect((await outcomeOf({})).result).toBe('metadata_not_found');
    expect(await outcomeOf({ [INSERTED]: { status: 503 }, [OPENID]: good })).toEqual({ result: 'metadata_status', asked: [INSERTED] });
    expect(await outcomeOf({ [INSERTED]: 'timeout', [OPENID]: good })).toEqual({ result: 'timeout', asked: [INSERTED] });
  });

  it('lets the first document decide, good or bad', async () => {
    expect(await outcomeOf({ [INSERTED]: { json: { issuer: ISSUER } }, [OPENID]: good })).toEqual({ result: 'metadata_malformed', asked: [INSERTED] });
  });

  it.each<[string, JsonValue | undefined]>([['no object', []], ['without issuer', { jwks_uri: 'https://x.example/' }], ['with a list of issuers', { issuer: [ISSUER], jwks_uri: 'https://x.example/' }], ['empty', undefined]])(
    'refuses a document that is %s',
    async (_, json) => {
      expect((await outcomeOf({ [INSERTED]: json === undefined ? {} : { json } })).result).toBe('metadata_malformed');
    },
  );
});

describe('A41 metadata impersonation', () => {
  it.each(['https://victim.example', `${ISSUER}/`, 'https://AS.bar.example/tenant1', 'https://as.bar.example:443/tenant1', 'https://as.bar.example/Tenant1', 'https://as.bar.example/tenant%31', 'https://as.bar.example./tenant1', ' https://as.bar.example/tenant1', 'https://as.bar.example', ''])(
    'does not use a document whose issuer is "%s" [A31]',
    async (issuer) => {
      expect((await outcomeOf({ [INSERTED]: { json: { ...good.json, issuer } } })).result).toBe('issuer_mismatch');
    },
  );
});

describe('A37 SSRF through jwks_uri', () => {
  it.each(['http://keys.example/', 'file:///etc/passwd', 'https://127.0.0.1/jwks', 'https://2130706433/', 'https://localhost/', 'https://keys.example:6379/', 'https://metadata.google.internal/', 'https://u@keys.example/', '/jwks', ''])(
    'does not use metadata with jwks_uri "%s"',
    async (jwksUri) => {
      expect((await outcomeOf({ [INSERTED]: { json: { ...good.json, jwks_uri: jwksUri } } })).result).toBe('jwks_uri_forbidden');
    },
  );
});
