import type { FastifyInstance, FastifyReply } from 'fastify';
import { readNote } from './note.ts';
import type { Notebook } from './notebook.ts';

interface NotePath {
  readonly owner: string;
  readonly id: string;
}

/** Adds the routes of the notes API. None of them asks who is calling: that is the gateway's business. */
export function addRoutes(app: FastifyInstance, notebook: Notebook): void {
  app.get<{ Params: Pick<NotePath, 'owner'> }>('/users/:owner/notes', async (request) => notebook.list(request.params.owner));

  app.get<{ Params: NotePath }>('/users/:owner/notes/:id', async ({ params }, reply) => notebook.find(params.owner, params.id) ?? notFound(reply));

  app.put<{ Params: NotePath }>('/users/:owner/notes/:id', async ({ params, body }, reply) => {
    const note = readNote(params.owner, params.id, body);
    if (note === undefined) return refuse(reply, 400, 'invalid_request');
    return reply.code(notebook.put(note) ? 201 : 200).send(note);
  });

  app.delete<{ Params: NotePath }>('/users/:owner/notes/:id', async ({ params }, reply) =>
    notebook.remove(params.owner, params.id) ? reply.code(204).send() : notFound(reply),
  );

  // The same notes below other paths, where other rules may apply: a shelf is just a name.
  app.get<{ Params: NotePath & { readonly shelf: string } }>('/shelves/:shelf/:owner/:id', async ({ params }, reply) => notebook.find(params.owner, params.id) ?? notFound(reply));

  // For tests of the gateway: what really arrived here. `rawHeaders` shows repeated members that `headers` joins.
  app.get('/whoami', async ({ method, url, headers, raw }) => ({ method, url, headers, rawHeaders: pairs(raw.rawHeaders) }));

  app.setNotFoundHandler(async (_request, reply) => notFound(reply));
  app.setErrorHandler<Error & { statusCode?: number }>(async ({ statusCode = 500 }, _request, reply) =>
    statusCode < 500 ? refuse(reply, statusCode, 'invalid_request') : refuse(reply, 500, 'server_error'),
  );
}

function notFound(reply: FastifyReply): FastifyReply {
  return refuse(reply, 404, 'not_found');
}

function refuse(reply: FastifyReply, status: number, error: string): FastifyReply {
  return reply.code(status).send({ error });
}

function pairs(flat: readonly string[]): [string, string][] {
  return flat.flatMap((name, index) => (index % 2 === 0 ? [[name, flat[index + 1] ?? ''] satisfies [string, string]] : []));
}
