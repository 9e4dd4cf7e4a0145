/** An answer in plain terms. */
export interface GivenAnswer {
  readonly status: number;
  readonly headers: Record<string, string>;
  /** Set-Cookie values. */
  readonly cookies: readonly string[];
  readonly body: string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array> | null;
}

export const noCookies: readonly string[] = Object.freeze([]);
