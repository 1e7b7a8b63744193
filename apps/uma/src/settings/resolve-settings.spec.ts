import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { fakeSurroundings, type FakeSurroundings } from '../../test/fake-surroundings.ts';
import { UsageError } from '../usage-error.ts';
import { resolveSettings } from './resolve-settings.ts';

const domain = (name: string) => ({
  emailDomain: `${name}.example`,
  asRo: { issuer: `https://as-ro.${name}.example` },
  asRqp: { issuer: `https://as-rqp.${name}.example` },
  gateway: { url: `https://rs.${name}.example/api` },
  identityProvider: { issuer: `https://id.${name}.example` },
  people: [{ email: `bob@${name}.example`, password: 'pw' }, { email: `carol@${name}.example` }],
  unknownMember: true,
});
const manifest = {
  version: 1,
  domains: { acme: domain('acme'), globex: domain('globex') },
  clients: {
    confidential: { clientId: 'demo', clientSecret: 'secret', redirectUris: ['http://127.0.0.1:5001/callback'] },
    public: { clientId: 'native', redirectUris: ['https://app.example/cb', 'http://127.0.0.1/callback'] },
  },
  addressMap: {},
};
const person = { identityProvider: 'https://id.bar.example', asRqp: 'https://as.bar.example', clientId: 'app', clientSecret: 's' };

let surroundings: FakeSurroundings;
beforeEach(async () => {
  surroundings = await fakeSurroundings();
});
const writeManifest = async (document: object = manifest) => {
  await mkdir(join(surroundings.workingFolder, '.federation'), { recursive: true });
  await writeFile(join(surroundings.workingFolder, '.federation', 'manifest.json'), JSON.stringify(document));
};
const writeConfig = async (document: object) => {
  await mkdir(surroundings.configFolder, { recursive: true });
  await writeFile(join(surroundings.configFolder, 'config.json'), JSON.stringify(document));
};

describe('Settings from the manifest', () => {
  it('are those of the person\'s domain, with the confidential client where there is a password', async () => {
    await writeManifest();
    const settings = await resolveSettings('bob@globex.example', {}, surroundings);
    expect(settings).toMatchObject({
      email: 'bob@globex.example',
      identityProvider: 'https://id.globex.example',
      asRqp: 'https://as-rqp.globex.example',
      client: { clientId: 'demo', clientSecret: 'secret' },
      password: 'pw',
    });
  });

  it('use the native client and its loopback redirect URI where there is a browser', async () => {
    await writeManifest();
    const expected = { client: { clientId: 'native' }, redirectUri: 'http://127.0.0.1/callback' };
    const withBrowser = await resolveSettings('bob@globex.example', { browser: 'open' }, surroundings);
    expect(withBrowser).toMatchObject(expected);
    expect(withBrowser).not.toHaveProperty('password');
    expect(await resolveSettings('carol@globex.example', {}, surroundings)).toMatchObject(expected);
  });

  it('give the client to the manifest\'s AS-ROs only, and pin each gateway to its own', async () => {
    await writeManifest();
    const { resourceOwnerClient, trustedResourceServers } = await resolveSettings('bob@globex.example', {}, surroundings);
    expect(resourceOwnerClient('https://as-ro.acme.example')).toEqual({ clientId: 'demo', clientSecret: 'secret' });
    expect(resourceOwnerClient('https://as-ro.evil.example')).toBeUndefined();
    expect(trustedResourceServers).toContainEqual({ origin: 'https://rs.acme.example', asUri: 'https://as-ro.acme.example' });
  });

  it('come from the file that --manifest names, relative to the working folder', async () => {
    await writeFile(join(surroundings.workingFolder, 'm.json'), JSON.stringify(manifest));
    expect(await resolveSettings('bob@acme.example', { manifest: 'm.json' }, surroundings)).toMatchObject({ asRqp: 'https://as-rqp.acme.example' });
    await expect(resolveSettings('bob@acme.example', { manifest: 'none.json' }, surroundings)).rejects.toThrow(UsageError);
  });

  it.each([
    ['another version', { ...manifest, version: 2 }],
    ['a domain without AS-RqP', { ...manifest, domains: { acme: { ...domain('acme'), asRqp: {} } } }],
    ['an issuer over plain http', { ...manifest, domains: { acme: { ...domain('acme'), asRqp: { issuer: 'http://as.acme.example' } } } }],
    ['no client', { ...manifest, clients: {} }],
  ])('are refused with %s', async (_name, document) => {
    await writeManifest(document);
    await expect(resolveSettings('bob@acme.example', {}, surroundings)).rejects.toThrow(UsageError);
  });
});

describe('Settings from config.json', () => {
  it('are those of the person, the only one when nobody is named', async () => {
    await writeConfig({ people: { 'bob@Bar.example': person } });
    const settings = await resolveSettings(undefined, {}, surroundings);
    expect(settings).toMatchObject({ email: 'bob@bar.example', client: { clientId: 'app', clientSecret: 's' }, redirectUri: 'http://127.0.0.1/callback' });
    expect(settings.resourceOwnerClient('https://any.example')).toEqual({ clientId: 'app' });
  });

  it('send a secret to the issuers it is for and to no other', async () => {
    await writeConfig({ people: { 'bob@bar.example': person }, resourceOwnerClient: { clientId: 'ro', clientSecret: 'top', issuers: ['https://as.foo.example'] } });
    const { resourceOwnerClient } = await resolveSettings(undefined, {}, surroundings);
    expect(resourceOwnerClient('https://as.foo.example')).toEqual({ clientId: 'ro', clientSecret: 'top' });
    expect(resourceOwnerClient('https://as.evil.example')).toEqual({ clientId: 'ro' });
  });

  it.each([
    ['a secret without issuers', { people: { 'bob@bar.example': person }, resourceOwnerClient: { clientId: 'ro', clientSecret: 'top' } }],
    ['a person without a client', { people: { 'bob@bar.example': { ...person, clientId: undefined } } }],
    ['a person without an address', { people: { bob: person } }],
    ['two people and nobody named', { people: { 'bob@bar.example': person, 'eve@bar.example': person } }],
    ['a redirect URI that is not on loopback', { people: { 'bob@bar.example': { ...person, redirectUri: 'http://evil.example/cb' } } }],
  ])('are refused with %s', async (_name, document) => {
    await writeConfig(document);
    await expect(resolveSettings(undefined, {}, surroundings)).rejects.toThrow(UsageError);
  });

  it('are for people whom the manifest does not know', async () => {
    await writeManifest();
    await writeConfig({ people: { 'bob@bar.example': person } });
    expect(await resolveSettings('bob@bar.example', {}, surroundings)).toMatchObject({ asRqp: 'https://as.bar.example' });
  });
});

describe('Settings from flags', () => {
  const flags = { identityProvider: 'https://id.flag.example', asRqp: 'https://as.flag.example', clientId: 'flag' };

  it('win over the manifest, with the secret from its file', async () => {
    await writeManifest();
    const file = join(surroundings.workingFolder, 'secret');
    await writeFile(file, 'from-file\n');
    expect(await resolveSettings('bob@acme.example', { ...flags, clientSecretFile: file }, surroundings)).toMatchObject({
      asRqp: 'https://as.flag.example',
      client: { clientId: 'flag', clientSecret: 'from-file' },
    });
  });

  it.each([
    ['only some of them', { clientId: 'flag' }],
    ['a secret file that is not there', { ...flags, clientSecretFile: '/nowhere/at/all' }],
    ['an AS-RqP over plain http', { ...flags, asRqp: 'http://as.flag.example' }],
  ])('are refused with %s', async (_name, given) => {
    await expect(resolveSettings('bob@acme.example', given, surroundings)).rejects.toThrow(UsageError);
  });

  it('need an address', async () => {
    for (const as of [undefined, 'bob', 'bob@localhost']) await expect(resolveSettings(as, flags, surroundings)).rejects.toThrow(UsageError);
  });
});
