import { hash } from 'node:crypto';
import type { Sha256 } from '@uma-federation/uma-core';

/** SHA-256 through node:crypto, at once and on this thread. */
export const nodeSha256: Sha256 = (data) => hash('sha256', data, 'buffer');
