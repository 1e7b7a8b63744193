import type { JsonObject } from '@uma-federation/uma-core';

const json = (schema: string, description: string): JsonObject => ({
  description,
  content: { 'application/json': { schema: { $ref: `#/components/schemas/${schema}` } } },
});
const REFUSALS: JsonObject = {
  '401': json('Error', 'No acceptable ID token of the domain’s OpenID Provider.'),
  '503': json('Error', 'A store or the provider did not answer in time; Retry-After says when to come back.'),
};
const id = (description: string): JsonObject => ({ name: 'id', in: 'path', required: true, description, schema: { type: 'string' } });

/** Requests that owners decide. */
const REQUEST_PATHS: JsonObject = {
  '/requests': {
    get: { summary: 'Requests that wait for the owner’s word, and those decided lately', responses: { '200': json('Requests', 'Requests, newest first.'), ...REFUSALS } },
  },
  '/requests/{id}': {
    parameters: [id('Id of the request')],
    get: { summary: 'One request', responses: { '200': json('Request', 'The request.'), '404': json('Error', 'Not a request of this owner.'), ...REFUSALS } },
  },
  '/requests/{id}/approve': {
    parameters: [id('Id of the request')],
    post: {
      summary: 'Says yes: shares with the person who asks, under the conditions of the share that says "ask me"',
      requestBody: { required: false, content: { 'application/json': { schema: { $ref: '#/components/schemas/Approval' } } } },
      responses: {
        '201': json('Shares', 'The shares, one for each resource.'),
        '400': json('Error', 'The body is malformed, or leaves nothing of what was asked for.'),
        '404': json('Error', 'Not a request of this owner, decided already, or about a resource that is gone.'),
        ...REFUSALS,
      },
    },
  },
  '/requests/{id}/deny': {
    parameters: [id('Id of the request')],
    post: {
      summary: 'Says no; the same is not asked again for a day',
      responses: { '204': { description: 'Denied.' }, '404': json('Error', 'Not a request of this owner, or decided already.'), ...REFUSALS },
    },
  },
};

/** Resource servers that act for owners. */
const RESOURCE_SERVER_PATHS: JsonObject = {
  '/resource-servers': {
    get: {
      summary: 'Resource servers at which the owner signed in, so that they act for the owner at the protection API',
      responses: { '200': json('ResourceServers', 'Resource servers, oldest first, ended ones included.'), ...REFUSALS },
    },
  },
  '/resource-servers/{id}': {
    parameters: [id('Client id of the resource server, percent-encoded')],
    delete: {
      summary: 'Lets a resource server act for the owner no more',
      responses: {
        '204': { description: 'Ended: its protection API tokens of this owner are dead, and it gets no new ones, not even when the owner signs in there again.' },
        '404': json('Error', 'It never acted for this owner.'),
        ...REFUSALS,
      },
    },
    put: {
      summary: 'Allows again what was ended; the resource server gets tokens when the owner next signs in there',
      responses: { '200': json('ResourceServer', 'The resource server.'), '404': json('Error', 'It never acted for this owner.'), ...REFUSALS },
    },
  },
};

/**
 * The OpenAPI 3.1 description of the owner API.
 * @param server public URL of the API
 */
export function ownerApiDocument(server: string): JsonObject {
  return {
    openapi: '3.1.0',
    info: { title: 'Owner API', version: '1.0.0', description: 'A resource owner lists resources, creates, lists and removes shares, and says which resource servers act for them. No share: denied.' },
    servers: [{ url: server }],
    security: [{ idToken: [] }],
    paths: {
      '/resources': { get: { summary: 'The owner’s resources', responses: { '200': json('Resources', 'Resources, oldest first.'), ...REFUSALS } } },
      '/resources/{id}': {
        parameters: [id('`_id` of the resource')],
        get: { summary: 'One resource with its shares', responses: { '200': json('Resource', 'The resource.'), '404': json('Error', 'Not a resource of this owner.'), ...REFUSALS } },
      },
      '/shares': {
        get: { summary: 'The owner’s shares', responses: { '200': json('Shares', 'Shares, oldest first, ended ones included.'), ...REFUSALS } },
        post: {
          summary: 'Shares a resource',
          requestBody: { required: true, content: { 'application/json': { schema: { $ref: '#/components/schemas/NewShare' } } } },
          responses: {
            '201': json('Share', 'The share; Location names it.'),
            '400': json('Error', 'The share is malformed, or ends before it begins.'),
            '404': json('Error', 'Not a resource of this owner, or a scope that it does not have.'),
            ...REFUSALS,
          },
        },
      },
      '/shares/{id}': {
        parameters: [id('Id of the share')],
        get: { summary: 'One share', responses: { '200': json('Share', 'The share.'), '404': json('Error', 'Not a share of this owner.'), ...REFUSALS } },
        delete: {
          summary: 'Takes a share back',
          responses: { '204': { description: 'Removed; RPTs that rest on it are revoked.' }, '404': json('Error', 'Not a share of this owner.'), ...REFUSALS },
        },
      },
      ...REQUEST_PATHS,
      ...RESOURCE_SERVER_PATHS,
    },
    components: { securitySchemes: { idToken: { type: 'http', scheme: 'bearer', bearerFormat: 'ID token' } }, schemas: SCHEMAS },
  };
}

const string: JsonObject = { type: 'string' };
const strings: JsonObject = { type: 'array', items: string };
const time: JsonObject = { description: 'RFC 3339 date-time, or NumericDate (seconds).', oneOf: [{ type: 'string', format: 'date-time' }, { type: 'integer' }] };
const SHARE_PROPERTIES: JsonObject = {
  resource_id: string,
  scopes: { ...strings, minItems: 1 },
  grantee: {
    description: 'One person by exact e-mail address, everybody of a domain, anyone who can be identified, or anyone at all.',
    oneOf: [
      { type: 'object', required: ['email'], properties: { email: { type: 'string', format: 'email' } }, additionalProperties: false },
      { type: 'object', required: ['domain'], properties: { domain: string }, additionalProperties: false },
      { type: 'object', required: ['anyone'], properties: { anyone: { const: true }, unidentified: { const: true, description: 'No claims are needed; no conditions are possible.' } }, additionalProperties: false },
    ],
  },
  not_before: time,
  expires_at: time,
  conditions: {
    type: 'object',
    description: 'All must hold.',
    additionalProperties: false,
    properties: {
      acr_values: { ...strings, description: 'One of these authentication context classes.' },
      max_age: { type: 'integer', minimum: 0, description: 'How many seconds ago the person may have signed in at most.' },
      ask: { const: true, description: 'The owner is asked each time: see /requests.' },
      claims: { type: 'object', description: 'Claims of the identity claims token that must equal these values.' },
    },
  },
};
const SCHEMAS: JsonObject = {
  Error: { type: 'object', required: ['error'], properties: { error: string, error_description: string } },
  Resource: {
    type: 'object',
    required: ['_id', 'resource_scopes', 'owner', 'resource_server'],
    properties: { _id: string, resource_scopes: strings, name: string, description: string, icon_uri: string, type: string, uri: string, owner: string, resource_server: string, shares: { type: 'array', items: { $ref: '#/components/schemas/Share' } } },
  },
  Resources: { type: 'object', required: ['resources'], properties: { resources: { type: 'array', items: { $ref: '#/components/schemas/Resource' } } } },
  ResourceServer: {
    type: 'object',
    required: ['id', 'allowed', 'since'],
    properties: { id: string, name: string, allowed: { type: 'boolean' }, since: time, last_used_at: { ...time, description: 'When it last got a protection API token.' }, ended_at: time },
  },
  ResourceServers: { type: 'object', required: ['resource_servers'], properties: { resource_servers: { type: 'array', items: { $ref: '#/components/schemas/ResourceServer' } } } },
  Request: {
    type: 'object',
    required: ['id', 'status', 'requesting_party', 'issuer', 'client_id', 'resource_server', 'permissions', 'created_at', 'expires_at'],
    properties: {
      id: string,
      status: { enum: ['pending', 'approved', 'denied'] },
      requesting_party: { type: 'string', format: 'email' },
      issuer: { ...string, description: 'Who vouches for the person.' },
      client_id: string,
      resource_server: string,
      permissions: { type: 'array', items: { type: 'object', required: ['resource_id', 'resource_scopes'], properties: { resource_id: string, resource_scopes: strings } } },
      created_at: time,
      expires_at: time,
    },
  },
  Requests: { type: 'object', required: ['requests'], properties: { requests: { type: 'array', items: { $ref: '#/components/schemas/Request' } } } },
  Approval: {
    type: 'object',
    additionalProperties: false,
    properties: { scopes: { ...strings, minItems: 1, description: 'Fewer than were asked for.' }, expires_at: { ...time, description: 'When the shares end.' } },
  },
  NewShare: { type: 'object', required: ['resource_id', 'scopes', 'grantee'], properties: SHARE_PROPERTIES, additionalProperties: false },
  Share: { type: 'object', required: ['id', 'resource_id', 'scopes', 'grantee', 'conditions', 'created_at'], properties: { id: string, ...SHARE_PROPERTIES, created_at: time } },
  Shares: { type: 'object', required: ['shares'], properties: { shares: { type: 'array', items: { $ref: '#/components/schemas/Share' } } } },
};
