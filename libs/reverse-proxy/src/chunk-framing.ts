/** What a scan found: everything plain so far, the last chunk seen, or something that is not plain framing. */
export type ChunkScan = 'more' | 'done' | 'refused';

const CR = 0x0d;
const LF = 0x0a;
// 13 hexadecimal digits stay below 2^53.
const MAX_SIZE_DIGITS = 13;

/**
 * Reads along a chunked body (RFC 9112 7.1) and finds whatever is not `chunk-size CRLF chunk-data CRLF`. It decodes
 * nothing and its verdict can only add a refusal to Node's parser. The trailer section behind the last chunk is not read.
 */
export class ChunkFraming {
  #state: 'size' | 'size-lf' | 'data' | 'data-cr' | 'data-lf' = 'size';
  #digits = 0;
  #remaining = 0;

  /**
   * @param octets the next piece of the connection's input
   * @param from where in it the body starts or goes on
   * @returns the verdict about everything scanned so far; after `done` or `refused` there is nothing more to scan
   */
  scan(octets: Uint8Array, from: number): ChunkScan {
    let index = from;
    while (index < octets.length) {
      if (this.#state === 'data') {
        const taken = Math.min(this.#remaining, octets.length - index);
        this.#remaining -= taken;
        index += taken;
        if (this.#remaining === 0) this.#state = 'data-cr';
      } else {
        const scan = this.#step(octets[index] ?? 0);
        if (scan !== 'more') return scan;
        index += 1;
      }
    }
    return 'more';
  }

  #step(octet: number): ChunkScan {
    switch (this.#state) {
      case 'size':
        return this.#sizeOctet(octet);
      case 'size-lf':
        if (octet !== LF) return 'refused';
        if (this.#remaining === 0) return 'done';
        this.#state = 'data';
        return 'more';
      case 'data-cr':
        this.#state = 'data-lf';
        return octet === CR ? 'more' : 'refused';
      default:
        this.#state = 'size';
        this.#digits = 0;
        return octet === LF ? 'more' : 'refused';
    }
  }

  /** Anything behind the digits but CRLF is a chunk extension, or wants to be taken for one. */
  #sizeOctet(octet: number): ChunkScan {
    if (octet === CR && this.#digits > 0) {
      this.#state = 'size-lf';
      return 'more';
    }
    const digit = hexValue(octet);
    this.#digits += 1;
    if (digit === undefined || this.#digits > MAX_SIZE_DIGITS) return 'refused';
    this.#remaining = this.#digits === 1 ? digit : this.#remaining * 16 + digit;
    return 'more';
  }
}

function hexValue(octet: number): number | undefined {
  if (octet >= 0x30 && octet <= 0x39) return octet - 0x30;
  const lower = octet | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : undefined;
}
