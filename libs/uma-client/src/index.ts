export { beginClaimsInteraction, finishClaimsInteraction } from './claims-interaction.ts';
export type { ClaimsInteraction } from './claims-interaction.ts';
export { createUmaFetch } from './create-uma-fetch.ts';
export type { UmaFetch } from './create-uma-fetch.ts';
export type { ClaimsGathering, ClientCredentials, SubjectToken, TrustedResourceServer, UmaFetchOptions } from './options.ts';
export type { UmaRequestInit } from './outgoing-request.ts';
export type { StepNumber, TraceStep, TracedRequest, TracedResponse } from './trace.ts';
export { UmaError } from './uma-error.ts';
export type { NeedInfo, RequiredClaim, SubmittedRequest, UmaErrorCategory, UmaErrorCode, UmaErrorFacts } from './uma-error.ts';
