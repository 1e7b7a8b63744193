import { runService } from '@uma-federation/nest-kit';
import { serviceDefinition } from './service-definition.ts';

// Usage: main.js [--config FILE] [--check-config]
await runService(serviceDefinition);
