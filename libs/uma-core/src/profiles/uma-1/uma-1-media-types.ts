import type { Uma1Version } from './uma-1-version.ts';

/** Media types of draft 05; the later documents say `application/json` everywhere. */
const DRAFT_05 = {
  configuration: 'application/uma-configuration+json',
  permission: 'application/uma-requested-permission+json',
  ticket: 'application/uma-permission-ticket+json',
  rpt: 'application/uma-rpt+json',
  tokenStatus: 'application/uma-rpt-status+json',
  resourceSet: 'application/uma-resource-set+json',
  status: 'application/uma-status+json',
} as const;

/** What a body is. */
export type Uma1Body = keyof typeof DRAFT_05;

/** The media type that a body is sent with. */
export function uma1MediaType(body: Uma1Body, version: Uma1Version): string {
  return version === 'draft-05' ? DRAFT_05[body] : 'application/json';
}

/** The JSON media types, besides `application/json`, that requests in this version come with. */
export function uma1RequestMediaTypes(version: Uma1Version): readonly string[] {
  return version === 'draft-05' ? [DRAFT_05.permission, DRAFT_05.resourceSet] : [];
}
