export type { Manifest, ManifestDomain, ManifestResource } from './manifest.ts';
export { signIn, type PersonTokens } from './person-session.ts';
export { readSharedNote } from './read-note.ts';
export { startFederation, type Federation } from './start-federation.ts';
