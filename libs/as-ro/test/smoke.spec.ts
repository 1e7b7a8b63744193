import { afterAll, beforeAll, it } from '@jest/globals';
import { AsRoUnderTest, stopAll, toChallenge, ALICE, GLOBEX } from './harness.ts';
let asRo: AsRoUnderTest;
beforeAll(async () => { asRo = await AsRoUnderTest.start(); });
afterAll(stopAll);
it('works', async () => {
  const out: unknown[] = [];
  const show = (n: string, a: any) => out.push(`${n}: ${a.status} ${a.text.slice(0, 300)} ${asRo.log.takeReasons()}`);
  const id = await asRo.register({ resource_scopes: ['a b', 'view'] });
  await asRo.share(id, { scopes: ['a b', 'view'] });
  let c = await asRo.challenge({ resource_id: id, resource_scopes: ['a b'] });
  show('scope with space', await asRo.access(c));
  const scopes = Array.from({ length: 64 }, (_, i) => `${i}${'s'.repeat(200)}`);
  const big = await asRo.register({ resource_scopes: scopes });
  show('big perm', await asRo.api('POST', '/permission', { resource_id: big, resource_scopes: scopes }));
  const note = await asRo.sharedNote({ conditions: { acr_values: ['otp'] } });
  show('big claims need_info', await asRo.access(note, { claims: { x: 'y'.repeat(3500) } as any }));
  const note1 = await asRo.sharedNote();
  show('F25 grant', await asRo.access(note1));
  const d = await asRo.sharedNote();
  const granted = await asRo.access(d);
  await asRo.api('PUT', `/resource/${d.id}`, { resource_scopes: ['print'] });
  show('F25', await asRo.post('/introspect', { token: granted.body['access_token'] }, { Authorization: `Bearer ${await asRo.pat()}` }));
  // many resources
  const ids = await Promise.all(Array.from({ length: 32 }, () => asRo.register()));
  for (const r of ids) await asRo.share(r, { scopes: ['view', 'edit', 'print', 'download'] });
  const perms = ids.map((r) => ({ resource_id: r, resource_scopes: ['view', 'edit', 'print', 'download'] }));
  const m = await asRo.api('POST', '/permission', perms);
  show('many', m);
  if (m.status === 201) {
    const n = await asRo.access(toChallenge(m.body));
    show('many granted', n);
  }
  show('log detail', await asRo.api('POST', '/owner/shares', { resource_id: id, scopes: ['view'], grantee: { anyone: true }, conditions: { claims: { ['secret@x.example' + 'a'.repeat(130)]: 1 } } }, await asRo.ownerToken()));
  out.push(asRo.log.lines.at(-1));
  // share with scope no longer / many scopes
  show('dots', await asRo.api('GET', '/resource/..'));
  const x = await asRo.sharedNote({ expires_at: asRo.clock.now() + 50 });
  asRo.clock.advance(45);
  const g = await asRo.access(x); show('bounded', g);
  asRo.clock.advance(6);
  show('ended', await asRo.post('/introspect', { token: g.body['access_token'] }, { Authorization: `Bearer ${await asRo.pat()}` }));
  const y = await asRo.sharedNote();
  show('bad owner', await asRo.api('POST', '/resource', { resource_scopes: ['a'], owner: `x${'\u0000'}` }));
  show('resource repeated', await asRo.redeem({ ticket: y.ticket, resource: ['https://rs.acme.example', 'https://rs.acme.example'] }));
  show('empty resource', await asRo.redeem({ ticket: y.ticket, resource: '' }));
  const z = await asRo.sharedNote();
  asRo.directory.failKeysOf(GLOBEX, 'jwks_timeout');
  show('jwks', await asRo.access(z));
  console.log(out.join('\n'), ALICE);
});
