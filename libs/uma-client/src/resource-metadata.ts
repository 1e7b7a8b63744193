import { stringMember, stringsMember, readJsonObject } from './answer-json.ts';
import { sendToPeer, type CallContext } from './call-context.ts';
import { coversUrl } from './covers-url.ts';
import { UmaError } from './uma-error.ts';

/**
 * The cross-check of RFC 9728 (protocol.md 6.4): what the resource server publishes about itself agrees with its challenge.
 * @param location `resource_metadata` of the challenge
 * @param url the URL that was requested
 * @returns the resource identifier that the server publishes
 * @throws UmaError `resource_mismatch` when the document is on another origin, is for another resource, or does not list `asUri`;
 *   `malformed_answer` or `peer_unreachable` when it cannot be had
 */
export async function checkResourceMetadata(location: string, asUri: string, url: URL, context: CallContext): Promise<string> {
  if (!URL.canParse(location) || new URL(location).origin !== url.origin) throw new UmaError('resource_mismatch', { step: 4 });
  const response = await sendToPeer(context, new URL(location), { headers: { accept: 'application/json' } });
  const document = await readJsonObject(response, context.answerLimitBytes);
  if (response.status !== 200 || document === undefined) throw new UmaError('malformed_answer', { step: 4, status: response.status });
  const resource = stringMember(document, 'resource');
  const listed = stringsMember(document, 'authorization_servers')?.includes(asUri) === true;
  if (resource === undefined || !coversUrl(resource, url) || !listed) throw new UmaError('resource_mismatch', { step: 4 });
  return resource;
}
