import { readFileSync } from 'node:fs';
import { parse as parseYaml } from 'yaml';
import { z } from 'zod';
import { compileGatewayRoutes, type GatewayRoutes } from './gateway-routes.ts';
import { routeSchema, toRoute } from './route.ts';

const routes = z.array(routeSchema).min(1);
const routeTableFile = z.strictObject({ routes });

/**
 * Configuration field: the routes themselves, or the path of a YAML file with the one member `routes`, relative to the working directory.
 * The value is the compiled table; what is wrong with a route is an issue of this field.
 */
export function routesConfiguration() {
  const given = z.custom<z.input<typeof routes> | string>((value) => typeof value === 'string' || Array.isArray(value), {
    error: 'a list of routes is needed, or the path of a file with them',
  });
  return given.transform((value, context): GatewayRoutes => {
    try {
      const parsed = typeof value === 'string' ? routeTableFile.safeParse(readYaml(value)) : routes.safeParse(value);
      if (parsed.success) return compileGatewayRoutes(('routes' in parsed.data ? parsed.data.routes : parsed.data).map(toRoute));
      for (const { path, message } of parsed.error.issues) context.addIssue({ code: 'custom', path, message });
    } catch (error) {
      context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : 'the routes cannot be used' });
    }
    return z.NEVER;
  });
}

function readYaml(file: string): unknown {
  try {
    return parseYaml(readFileSync(file, 'utf8'), { uniqueKeys: true, maxAliasCount: 100, prettyErrors: false });
  } catch (cause) {
    throw new Error('the file of routes cannot be read or is not YAML', { cause });
  }
}
