import { Catch, type RpcExceptionFilter } from '@nestjs/common';
import { throwError, type Observable } from 'rxjs';

/**
 * Hands what a controller throws to the bus unchanged, which knows refusals from faults. Nest's own filter would turn every refusal into
 * "Internal server error". Set it on each controller of requests (`@UseFilters`) or on the microservice.
 */
@Catch()
export class PassErrorsFilter implements RpcExceptionFilter {
  catch(error: unknown): Observable<never> {
    return throwError(() => error);
  }
}
