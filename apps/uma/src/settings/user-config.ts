import { join } from 'node:path';
import type { ClientCredentials } from '@uma-federation/uma-client';
import { parseEmailAddress } from '@uma-federation/uma-core';
import { UsageError } from '../usage-error.ts';
import { asObject, readOptionalJsonFile, readString, readStrings } from './json-file.ts';

/** How one person signs in and who vouches for them. */
export interface ConfiguredPerson {
  readonly identityProvider: string;
  readonly asRqp: string;
  /** The person's own AS-RO, if they own something. */
  readonly asRo?: string | undefined;
  readonly clientId: string;
  readonly clientSecret?: string | undefined;
  readonly redirectUri?: string | undefined;
}

/** How this program is known at the authorization servers of resource owners. */
export interface ResourceOwnerClient extends ClientCredentials {
  /** The only issuers that get the secret. */
  readonly issuers: readonly string[];
}

/** `config.json` in the config folder. */
export interface UserConfig {
  readonly people: ReadonlyMap<string, ConfiguredPerson>;
  readonly resourceOwnerClient?: ResourceOwnerClient | undefined;
}

/**
 * Reads the person's own configuration; a missing file is an empty one.
 * @throws UsageError when a member is missing, or when a secret is there without the issuers it is for: any stranger's
 *   resource server can name an authorization server, and none of those shall be given it
 */
export async function readUserConfig(configFolder: string): Promise<UserConfig> {
  const file = join(configFolder, 'config.json');
  const document = (await readOptionalJsonFile(file)) ?? {};
  const people = Object.entries(asObject(document['people']) ?? {}).map(([email, value]): [string, ConfiguredPerson] => {
    const person = asObject(value) ?? {};
    const [identityProvider, asRqp, clientId] = ['identityProvider', 'asRqp', 'clientId'].map((name) => readString(person, name));
    const address = parseEmailAddress(email)?.address;
    if (address === undefined || identityProvider === undefined || asRqp === undefined || clientId === undefined) {
      throw new UsageError(`${file}: a person needs an e-mail address, identityProvider, asRqp and clientId.`);
    }
    return [address, { identityProvider, asRqp, clientId, clientSecret: readString(person, 'clientSecret'), redirectUri: readString(person, 'redirectUri'), asRo: readString(person, 'asRo') }];
  });
  const client = asObject(document['resourceOwnerClient']);
  if (client === undefined) return { people: new Map(people) };
  const clientId = readString(client, 'clientId');
  const clientSecret = readString(client, 'clientSecret');
  const issuers = readStrings(client, 'issuers');
  if (clientId === undefined) throw new UsageError(`${file}: resourceOwnerClient needs a clientId.`);
  if (clientSecret !== undefined && issuers.length === 0) {
    throw new UsageError(`${file}: resourceOwnerClient has a secret and needs "issuers", the servers that may get it.`);
  }
  return { people: new Map(people), resourceOwnerClient: { clientId, clientSecret, issuers } };
}
