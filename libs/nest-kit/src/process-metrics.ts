import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Counter, Gauge, type Registry } from 'prom-client';

const LAG_RESOLUTION_MS = 20;

/**
 * Measures the process: CPU, memory, event loop. Names are those of Prometheus' client libraries, so that usual dashboards fit.
 * Unlike prom-client's own default metrics it can be ended, so that services may come and go within one process.
 * @returns ends the measuring
 */
export function registerProcessMetrics(registry: Registry): () => void {
  const startSeconds = Date.now() / 1000 - process.uptime();
  gauge(registry, 'process_start_time_seconds', 'Start of the process since the Unix epoch.', () => startSeconds);
  gauge(registry, 'process_resident_memory_bytes', 'Resident memory.', () => process.memoryUsage.rss());
  gauge(registry, 'nodejs_heap_size_total_bytes', 'Size of the heap.', () => process.memoryUsage().heapTotal);
  gauge(registry, 'nodejs_heap_size_used_bytes', 'Used part of the heap.', () => process.memoryUsage().heapUsed);
  gauge(registry, 'nodejs_external_memory_bytes', 'Memory outside of the heap, buffers for example.', () => process.memoryUsage().external);
  new Counter({
    ...{ name: 'process_cpu_seconds_total', help: 'CPU time, user and system.', registers: [registry] },
    collect() {
      const { user, system } = process.cpuUsage();
      this.reset();
      this.inc((user + system) / 1e6);
    },
  });
  return registerEventLoopLag(registry);
}

function registerEventLoopLag(registry: Registry): () => void {
  const delays = monitorEventLoopDelay({ resolution: LAG_RESOLUTION_MS });
  delays.enable();
  // A sample is the time between two ticks of a timer; what is above its period is lag.
  const seconds = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e9 - LAG_RESOLUTION_MS / 1e3) || 0;
  gauge(registry, 'nodejs_eventloop_lag_mean_seconds', 'Mean event loop lag since the last scrape.', () => seconds(delays.mean));
  gauge(registry, 'nodejs_eventloop_lag_p99_seconds', '99th percentile of the event loop lag since the last scrape.', () => seconds(delays.percentile(99)));
  // The last one to be collected.
  gauge(registry, 'nodejs_eventloop_lag_max_seconds', 'Longest event loop lag since the last scrape.', () => {
    const longest = seconds(delays.max);
    delays.reset();
    return longest;
  });
  return () => void delays.disable();
}

function gauge(registry: Registry, name: string, help: string, read: () => number): void {
  new Gauge({
    ...{ name, help, registers: [registry] },
    collect() {
      this.set(read());
    },
  });
}
