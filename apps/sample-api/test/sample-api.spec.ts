import { request } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createSampleApi } from '../src/index.ts';
import type { SampleApi } from '../src/index.ts';

const SHOPPING = { id: '1', title: 'Shopping', text: 'milk', owner: 'alice' };
const IDEAS = { id: '2', title: 'Ideas', text: 'sleep', owner: 'alice' };

describe('the sample API', () => {
  let api: SampleApi;
  beforeEach(async () => {
    api = createSampleApi({ host: '127.0.0.1', port: 0, notes: [SHOPPING, IDEAS] });
    await api.listen();
  });
  afterEach(() => api.close());

  const call = async (method: string, path: string, body?: unknown, type = 'application/json') => {
    const content = body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body), headers: { 'content-type': type } };
    const response = await fetch(`${api.url}${path}`, { method, ...content });
    const text = await response.text();
    return { status: response.status, body: text === '' ? undefined : (JSON.parse(text) as unknown) };
  };

  it('lists the notes of an owner', async () => {
    expect(await call('GET', '/users/alice/notes')).toEqual({ status: 200, body: [SHOPPING, IDEAS] });
    expect(await call('GET', '/users/bob/notes')).toEqual({ status: 200, body: [] });
    expect(await call('GET', '/users/Alice/notes')).toEqual({ status: 200, body: [] });
  });

  it('reads one note as JSON', async () => {
    const response = await fetch(`${api.url}/users/alice/notes/1`);
    expect(response.headers.get('content-type')).toMatch(/^application\/json/);
    expect(await response.json()).toEqual(SHOPPING);
    const head = await fetch(`${api.url}/users/alice/notes/1`, { method: 'HEAD' });
    expect({ status: head.status, body: await head.text() }).toEqual({ status: 200, body: '' });
  });

  it('makes a note, replaces it and removes it', async () => {
    const note = { id: 'new', title: 'New', text: '', owner: 'bob' };
    expect(await call('PUT', '/users/bob/notes/new', { title: 'New', text: '' })).toEqual({ status: 201, body: note });
    expect(await call('PUT', '/users/bob/notes/new', { title: 'Newer', text: '' })).toEqual({ status: 200, body: { ...note, title: 'Newer' } });
    expect(await call('GET', '/users/bob/notes')).toEqual({ status: 200, body: [{ ...note, title: 'Newer' }] });
    expect(await call('DELETE', '/users/bob/notes/new')).toEqual({ status: 204, body: undefined });
    expect((await call('GET', '/users/bob/notes/new')).status).toBe(404);
  });

  it.each([
    ['GET', '/users/alice/notes/3'],
    ['GET', '/users/bob/notes/1'],
    ['DELETE', '/users/alice/notes/3'],
    ['DELETE', '/users/nobody/notes/1'],
    ['GET', '/users/__proto__/notes/toString'],
    ['POST', '/users/alice/notes'],
    ['GET', '/users/alice/notes/1/'],
    ['GET', '/elsewhere'],
  ])('answers %s %s with 404 and JSON', async (method, path) => {
    expect(await call(method, path)).toEqual({ status: 404, body: { error: 'not_found' } });
  });

  it.each<[string, unknown, string, number]>([
    ['a body that is no note', { text: 'milk' }, 'application/json', 400],
    ["a note with somebody else's name on it", { title: 'x', text: '', owner: 'bob' }, 'application/json', 400],
    ['broken JSON', '{"title":', 'application/json', 400],
    ['another media type', 'title=x', 'application/x-www-form-urlencoded', 415],
    ['more than 64 KiB', { title: 'x', text: 'x'.repeat(70_000) }, 'application/json', 413],
  ])('refuses to PUT %s and keeps the old note', async (_case, body, type, status) => {
    expect(await call('PUT', '/users/alice/notes/1', body, type)).toEqual({ status, body: { error: 'invalid_request' } });
    expect((await call('GET', '/users/alice/notes/1')).body).toEqual(SHOPPING);
  });

  it('tells on /whoami which headers it saw, repeated ones included', async () => {
    const { hostname, port } = new URL(api.url);
    const text = await new Promise<string>((resolve, reject) => {
      const headers = ['Host', 'api', 'X-Requesting-Party', 'bob', 'x-requesting-party', 'eve'];
      request({ host: hostname, port, path: '/whoami?a=b', headers }, (response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
        response.on('end', () => resolve(body));
      })
        .on('error', reject)
        .end();
    });
    const seen = JSON.parse(text) as { method: string; url: string; headers: Record<string, string>; rawHeaders: [string, string][] };
    expect(seen).toMatchObject({ method: 'GET', url: '/whoami?a=b', headers: { 'x-requesting-party': 'bob, eve' } });
    expect(seen.rawHeaders).toEqual(expect.arrayContaining([['X-Requesting-Party', 'bob'], ['x-requesting-party', 'eve']]));
  });

  it('does not start on a port that is taken', async () => {
    const second = createSampleApi({ host: '127.0.0.1', port: Number(new URL(api.url).port), notes: [] });
    await expect(second.listen()).rejects.toMatchObject({ code: 'EADDRINUSE' });
    await second.close();
  });

  it('may be closed twice', async () => {
    await api.close();
    await expect(api.close()).resolves.toBeUndefined();
    await expect(fetch(`${api.url}/whoami`)).rejects.toThrow();
  });

  it('names what is wrong in its configuration', () => {
    const config = { host: '127.0.0.1', port: -1, notes: [{ ...SHOPPING, owner: 'a/b' }] };
    expect(() => createSampleApi(config)).toThrow(/port: [^]*notes\.0\.owner: /);
  });
});
