import type { JsonObject } from '@uma-federation/uma-core';
import { UsageError } from '../usage-error.ts';
import { asObject, readItems, readJsonFile, readString, readStrings } from './json-file.ts';

/** One domain of a demo federation, as far as the client needs it. */
export interface ManifestDomain {
  readonly emailDomain: string;
  readonly asRo: string;
  readonly asRqp: string;
  readonly gateway: string;
  readonly ownerApi?: string | undefined;
  readonly identityProvider: string;
  readonly people: readonly { readonly email: string; readonly password?: string | undefined }[];
}

/** A client that is registered alike at every server of the federation. */
export interface ManifestClient {
  readonly clientId: string;
  readonly clientSecret?: string | undefined;
  readonly redirectUris: readonly string[];
}

/** What `npm start` writes to `.federation/manifest.json`. */
export interface Manifest {
  readonly domains: readonly ManifestDomain[];
  readonly confidential?: ManifestClient | undefined;
  readonly public?: ManifestClient | undefined;
  /** E-mail domain to the base URL of its well-known documents. */
  readonly addressMap: ReadonlyMap<string, string>;
}

/**
 * Reads a manifest. Members it does not know are ignored.
 * @throws UsageError when the file cannot be read, is of another version, or lacks what the client needs
 */
export async function readManifest(file: string): Promise<Manifest> {
  const document = await readJsonFile(file);
  if (document['version'] !== 1) throw new UsageError(`${file} is not a federation manifest of version 1.`);
  const clients = asObject(document['clients']) ?? {};
  const addressMap = Object.entries(asObject(document['addressMap']) ?? {});
  return {
    domains: Object.values(asObject(document['domains']) ?? {}).map((domain) => readDomain(asObject(domain) ?? {}, file)),
    confidential: readClient(asObject(clients['confidential']), file),
    public: readClient(asObject(clients['public']), file),
    addressMap: new Map(addressMap.filter((entry): entry is [string, string] => typeof entry[1] === 'string')),
  };
}

function readDomain(domain: JsonObject, file: string): ManifestDomain {
  const member = (parent: string, name: string): string => required(readString(asObject(domain[parent]) ?? {}, name), `${parent}.${name}`, file);
  return {
    emailDomain: required(readString(domain, 'emailDomain'), 'emailDomain', file),
    asRo: member('asRo', 'issuer'),
    asRqp: member('asRqp', 'issuer'),
    gateway: member('gateway', 'url'),
    ownerApi: readString(asObject(domain['ownerApi']) ?? {}, 'url'),
    identityProvider: member('identityProvider', 'issuer'),
    people: readItems(domain, 'people').flatMap((item) => {
      const person = asObject(item) ?? {};
      const email = readString(person, 'email');
      return email === undefined ? [] : [{ email, password: readString(person, 'password') }];
    }),
  };
}

function readClient(client: JsonObject | undefined, file: string): ManifestClient | undefined {
  if (client === undefined) return undefined;
  return {
    clientId: required(readString(client, 'clientId'), 'clientId', file),
    clientSecret: readString(client, 'clientSecret'),
    redirectUris: readStrings(client, 'redirectUris'),
  };
}

function required(value: string | undefined, name: string, file: string): string {
  if (value === undefined) throw new UsageError(`${file} lacks ${name}.`);
  return value;
}
