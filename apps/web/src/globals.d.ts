interface Window {
  /** Begun by `boot.ts`. */
  sallyportConfig?: Promise<Response>;
}

declare module "virtual:theme.css";
