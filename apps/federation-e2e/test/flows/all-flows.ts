import type { Flow } from './flow.ts';
import { CLIENT_FLOWS } from './client-flows.ts';
import { FEDERATED_AUTHORIZATION_FLOWS } from './federated-authorization-flows.ts';
import { TICKET_CHALLENGE_FLOWS } from './ticket-challenge-flows.ts';
import { UMA_1_FLOWS } from './uma-1-flows.ts';
import { UMA_GRANT_FLOWS } from './uma-grant-flows.ts';

/** Every page, in the order in which they are played. */
export const FLOWS: readonly Flow[] = [...UMA_GRANT_FLOWS, ...FEDERATED_AUTHORIZATION_FLOWS, ...TICKET_CHALLENGE_FLOWS, ...UMA_1_FLOWS, ...CLIENT_FLOWS];
