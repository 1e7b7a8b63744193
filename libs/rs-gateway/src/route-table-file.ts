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
  return z.union([routes, z.string().min(1).transform(readRouteTableFile).pipe(routes)]).transform((settings, context): GatewayRoutes => {
    try {
      return compileGatewayRoutes(settings.map(toRoute));
    } catch (error) {
      context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : 'the routes cannot be used' });
      return z.NEVER;
    }
  });
}

function readRouteTableFile(file: string, context: z.RefinementCtx): z.input<typeof routes> {
  let content: unknown;
  try {
    content = parseYaml(readFileSync(file, 'utf8'), { uniqueKeys: true, maxAliasCount: 100, prettyErrors: false });
  } catch {
    context.addIssue({ code: 'custom', message: 'the file of routes cannot be read or is not YAML' });
    return z.NEVER;
  }
  const parsed = routeTableFile.safeParse(content);
  if (parsed.success) return (content as z.input<typeof routeTableFile>).routes;
  for (const issue of parsed.error.issues) context.addIssue({ code: 'custom', message: `${issue.path.map(String).join('.')}: ${issue.message}` });
  return z.NEVER;
}
