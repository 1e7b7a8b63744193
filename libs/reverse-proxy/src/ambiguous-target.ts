import { RequestRefusal } from './request-refusal.ts';

/** Why a request target has no single reading. */
export type AmbiguousTargetReason =
  | 'empty_target'
  | 'asterisk_form'
  | 'absolute_form'
  | 'authority_form'
  | 'fragment'
  | 'control_character'
  | 'non_ascii'
  | 'invalid_character'
  | 'invalid_percent_encoding'
  | 'encoded_delimiter'
  | 'encoded_control_character'
  | 'invalid_utf8'
  | 'backslash'
  | 'path_parameter'
  | 'dot_segment'
  | 'empty_segment'
  | 'trailing_dot_or_space';

/** The request target can be read in more than one way, so no decision about it would hold at the upstream: 400. */
export class AmbiguousTarget extends RequestRefusal {
  declare readonly reason: AmbiguousTargetReason;

  /** @param reason which rule the target broke */
  constructor(reason: AmbiguousTargetReason) {
    super(400, reason);
    this.name = 'AmbiguousTarget';
  }
}
