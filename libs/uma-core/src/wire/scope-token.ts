import { z } from 'zod';

/** A scope as resource servers register and clients ask for it: scope-token of RFC 6749 3.3, a plain string or a URI, at most 256 characters. */
export const scopeToken = z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]{1,256}$/);
