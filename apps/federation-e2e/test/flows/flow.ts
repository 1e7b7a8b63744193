import type { RawClient } from '../support/raw-client.ts';
import type { FederationUnderTest } from '../federation-under-test.ts';
import type { Recorder } from './recorder.ts';

/** What a flow is played with. `quiet` is the same client, off the record. */
export interface FlowStage {
  readonly federation: FederationUnderTest;
  readonly client: RawClient;
  readonly quiet: RawClient;
  readonly recorder: Recorder;
  /** A sentence, and the recording begins or goes on. */
  readonly say: (text: string) => void;
}

/** One page of docs/protocol/flows. */
export interface Flow {
  /** File name without `.md`. */
  readonly file: string;
  readonly title: string;
  readonly play: (stage: FlowStage) => Promise<void>;
}
