interface Window {
  /** Begun by `boot.ts`. */
  sallyportConfig?: Promise<Response>;
}
