import { parseArgs } from 'node:util';

/** What `npm start -- …` was asked for. */
export interface FederationOptions {
  /** Exit after Bob's access. */
  readonly once: boolean;
  /** Empty the data folder first. */
  readonly fresh: boolean;
  /** First of the 200 ports that the two domains use. */
  readonly portBase: number;
  /** Where data, keys, logs and the manifest live. */
  readonly dataDirectory: string;
}

export const USAGE = `Usage: npm start -- [options]

  --once            exit after the access: 0 when Bob got the note, 1 otherwise
  --fresh           empty the data folder first
  --port-base N     use the ports from N on instead of 4100 (acme N to N+99, globex N+100 to N+199)
  --data DIR        data folder instead of .federation
  --help            this text`;

/**
 * Reads the command line.
 * @param defaultDirectory the data folder when none is named
 * @throws Error with a message for the person when an option is unknown or malformed
 */
export function readCommandLine(args: readonly string[], defaultDirectory: string): FederationOptions | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      once: { type: 'boolean', default: false },
      fresh: { type: 'boolean', default: false },
      'port-base': { type: 'string', default: '4100' },
      data: { type: 'string', default: defaultDirectory },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  const portBase = Number(values['port-base']);
  if (!/^[0-9]+$/.test(values['port-base']) || portBase < 1024 || portBase > 65_335) {
    throw new Error('--port-base takes a number from 1024 to 65335');
  }
  return { once: values.once, fresh: values.fresh, portBase, dataDirectory: values.data };
}
