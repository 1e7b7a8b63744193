import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ALICE, ANNA, AsRoUnderTest, BOB, readToken, secretsInLogs, stopAll, toChallenge } from './harness.ts';
import { INVALID_REQUEST, refusal, refused } from './support/answers.ts';
import { BOOKS_RS, PHOTOS_RS, type TestClient } from './support/clients.ts';
import { patOf } from './support/owners-tokens.ts';

/** What one owner has at one resource server. */
interface Cell {
  readonly name: string;
  readonly owner: string;
  readonly server: TestClient;
  readonly pat: string;
  readonly resource: string;
  /** The resource's RPT, and one that was revoked. */
  readonly rpt: string;
  readonly revoked: string;
}

const OWNERS = { alice: ALICE, anna: ANNA };
const SERVERS = { photos: PHOTOS_RS, books: BOOKS_RS };
const NAMES = Object.keys(OWNERS).flatMap((owner) => Object.keys(SERVERS).map((server) => `${owner}@${server}`));
const PAIRS = NAMES.flatMap((mine) => NAMES.filter((theirs) => theirs !== mine).map((theirs) => [mine, theirs] as const));
const SCOPES = ['view', 'edit'];

let asRo: AsRoUnderTest;
const cells = new Map<string, Cell>();
beforeAll(async () => {
  asRo = await AsRoUnderTest.start({ settings: { personalProtectionTokens: { enabled: true } } });
  for (const [ownerName, owner] of Object.entries(OWNERS)) {
    for (const [serverName, server] of Object.entries(SERVERS)) cells.set(`${ownerName}@${serverName}`, await fill(`${ownerName}@${serverName}`, owner, server));
  }
});
afterAll(stopAll);

async function fill(name: string, owner: string, server: TestClient): Promise<Cell> {
  const pat = await patOf(asRo, owner, server);
  const register = async (): Promise<string> => String((await asRo.api('POST', '/resource', { resource_scopes: SCOPES, type: 'note', name: 'note' }, pat)).body['_id']);
  const rptFor = async (resource: string): Promise<string> => {
    const challenge = toChallenge((await asRo.api('POST', '/permission', { resource_id: resource, resource_scopes: ['view'] }, pat)).body);
    return String((await asRo.access(challenge)).body['access_token']);
  };
  const [resource, gone] = [await register(), await register()];
  await asRo.share(resource, {}, owner);
  const share = await asRo.share(gone, {}, owner);
  const [rpt, revoked] = [await rptFor(resource), await rptFor(gone)];
  await asRo.api('DELETE', `/owner/shares/${share}`, undefined, await asRo.ownerToken(owner));
  await asRo.api('DELETE', `/resource/${gone}`, undefined, pat);
  return { name, owner, server, pat, resource, rpt, revoked };
}

function cell(name: string): Cell {
  const found = cells.get(name);
  if (found === undefined) throw new Error(`no cell ${name}`);
  return found;
}
const introspect = (pat: string, token: string) => asRo.post('/introspect', { token }, { Authorization: `Bearer ${pat}` });
const revocations = async (pat: string) => (await asRo.api('GET', '/revocations', undefined, pat)).body['revoked'] as { jti: string }[];

describe.each(NAMES)('The PAT of %s', (name) => {
  it('does everything with its own, and lists nothing else [F5, F13]', async () => {
    const { pat, resource, rpt, revoked, owner } = cell(name);
    expect(JSON.parse((await asRo.api('GET', '/resource', undefined, pat)).text)).toEqual([resource]);
    expect((await asRo.api('GET', `/resource/${resource}`, undefined, pat)).body).toMatchObject({ _id: resource, owner });
    expect((await asRo.api('PUT', `/resource/${resource}`, { resource_scopes: SCOPES, name: 'renamed' }, pat)).status).toBe(200);
    expect((await asRo.api('POST', '/permission', { resource_id: resource, resource_scopes: SCOPES }, pat)).status).toBe(201);
    expect((await introspect(pat, rpt)).body).toMatchObject({ active: true, permissions: [{ resource_id: resource, resource_scopes: ['view'] }] });
    expect(await revocations(pat)).toEqual([{ jti: readToken(revoked).claims['jti'], exp: readToken(revoked).claims['exp'] }]);
  });

  it('registers for no other owner, and gives nothing away [F5]', async () => {
    const { pat, resource, owner } = cell(name);
    for (const other of [owner === ALICE ? ANNA : ALICE, 'office@acme.example', 'carol@globex.example']) {
      expect(refusal(await asRo.api('POST', '/resource', { resource_scopes: ['view'], owner: other }, pat))).toEqual(INVALID_REQUEST);
      expect(refusal(await asRo.api('PUT', `/resource/${resource}`, { resource_scopes: ['view'], owner: other }, pat))).toEqual(INVALID_REQUEST);
    }
    expect((await asRo.api('GET', `/resource/${resource}`, undefined, pat)).body).toMatchObject({ owner, resource_scopes: SCOPES });
  });

  it('is not found by introspection: it is no RPT', async () => {
    expect((await introspect(cell(name).pat, cell(name).pat)).text).toBe('{"active":false}');
  });
});

describe.each(PAIRS)('A29 The PAT of %s at what belongs to %s', (mineName, theirsName) => {
  it('reads, replaces and removes nothing: foreign and unknown look the same [F5, F14]', async () => {
    const { pat } = cell(mineName);
    const theirs = cell(theirsName);
    for (const [method, json] of [['GET', undefined], ['PUT', { resource_scopes: ['own'] }], ['DELETE', undefined]] as const) {
      const answer = await asRo.api(method, `/resource/${theirs.resource}`, json, pat);
      const unknown = await asRo.api(method, '/resource/res_unknown', json, pat);
      expect(refusal(answer)).toEqual(refused(404, 'not_found'));
      expect(answer.text).toBe(unknown.text);
    }
    expect((await asRo.api('GET', `/resource/${theirs.resource}`, undefined, theirs.pat)).body['resource_scopes']).toEqual(SCOPES);
  });

  it('gets no ticket, alone or beside its own [F5, F20, F22]', async () => {
    const mine = cell(mineName);
    const permission = ({ resource }: Cell) => ({ resource_id: resource, resource_scopes: ['view'] });
    for (const request of [permission(cell(theirsName)), [permission(mine), permission(cell(theirsName))]]) {
      expect(refusal(await asRo.api('POST', '/permission', request, mine.pat))).toEqual(refused(400, 'invalid_resource_id'));
    }
  });

  it('introspects nothing and hears of no revocation [F5, F25]', async () => {
    const { pat } = cell(mineName);
    const theirs = cell(theirsName);
    const { status, text } = await introspect(pat, theirs.rpt);
    expect({ status, text }).toEqual({ status: 200, text: '{"active":false}' });
    expect(await revocations(pat)).not.toContainEqual(expect.objectContaining({ jti: readToken(theirs.revoked).claims['jti'] }));
  });
});

describe.each(PAIRS)('A21 The RPT for what belongs to %s, sent to be upgraded at what belongs to %s', (mineName, theirsName) => {
  it('is not carried on: no RPT spans two owners or two RSs [F5, F22]', async () => {
    const [mine, theirs] = [cell(mineName), cell(theirsName)];
    const { body: tickets } = await asRo.api('POST', '/permission', { resource_id: theirs.resource, resource_scopes: ['view'] }, theirs.pat);
    const challenge = toChallenge(tickets);
    const answer = await asRo.redeem({ ticket: challenge.ticket, claim_token: await asRo.identityToken(challenge), rpt: mine.rpt });
    if (mine.server !== theirs.server) {
      expect(refusal(answer)).toEqual(refused(400, 'invalid_grant'));
      return;
    }
    expect(answer.body['upgraded'] ?? false).toBe(false);
    expect(readToken(String(answer.body['access_token'])).claims['permissions']).toEqual([{ resource_id: theirs.resource, resource_scopes: ['view'] }]);
    expect((await introspect(mine.pat, mine.rpt)).body['active']).toBe(true);
  });
});

it('An RPT is of one owner and one RS, whoever asks for what [F5, F22]', () => {
  for (const { rpt, resource, server } of cells.values()) {
    const { claims } = readToken(rpt);
    const { identifier } = server.configuration['resourceServer'] as { identifier: string };
    expect(claims).toMatchObject({ aud: identifier, sub: BOB, permissions: [{ resource_id: resource, resource_scopes: ['view'] }] });
  }
});

it('puts no token, address or secret in the log of all this [A78]', () => {
  expect(secretsInLogs()).toEqual([]);
});
