import type { Manifest } from '@uma-federation/federation-app';
import { systemTestEnvironment, type Way } from './support/test-way.ts';

/** The name of a domain. */
export type DomainName = 'acme' | 'globex';

/** A program that ended well. */
export interface ProgramResult {
  readonly stdout: string;
  readonly stderr: string;
}

/** Two domains, as the specs see them: their manifest and public URLs, and what can be done to them in either way. */
export interface FederationUnderTest {
  readonly way: Way;
  readonly manifest: Manifest;
  readonly manifestFile: string;
  /** Reaches the public URLs. */
  readonly fetch: typeof fetch;
  /** Rows of a statement on AS-RO's database of a domain, each as one text. */
  query(domain: DomainName, statement: string): Promise<readonly string[]>;
  /** Every line that any service has logged so far. */
  logLines(): Promise<readonly string[]>;
  /** Runs the command line of this project as a person would. @throws Error with `code` when it ends with another code than 0 */
  uma(...args: readonly string[]): Promise<ProgramResult>;
  /** Runs curl's own programs with what they need to reach the public URLs. */
  withCurl(program: string, ...args: readonly string[]): Promise<ProgramResult>;
  /** Everything is stopped and started again on the same data. */
  stopAndStart(): Promise<void>;
  /** Ends the use of it. */
  stop(): Promise<void>;
}

/** The way of this run. */
export const { way } = systemTestEnvironment();

/** What a spec wants that `npm start` has not got. The composed federation has it (deploy/test/compose.test.yml). */
export interface FederationExtras {
  readonly keycloakAlias?: boolean;
}

/** A federation of the way that the environment names: one of its own in this process, or the composed one, which is up already. */
export async function startForTest(extras: FederationExtras = {}): Promise<FederationUnderTest> {
  // Only what this way needs is loaded.
  if (way === 'composed') return (await import('./support/composed-federation.ts')).composedFederation();
  return (await import('./support/in-process-federation.ts')).inProcessFederation(extras);
}
