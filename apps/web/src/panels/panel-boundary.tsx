import { Component, type ReactNode } from "react";

/**
 * Keeps a fault in the drawing of one panel to that panel. What it shows instead can try again; so
 * does new data.
 */
export class PanelBoundary extends Component<
  {
    /** Anything that is another one when there is reason to try again. */
    readonly of: unknown;
    readonly renderFailure: (retry: () => void) => ReactNode;
    readonly children: ReactNode;
  },
  { readonly failed: boolean }
> {
  override state = { failed: false };

  static getDerivedStateFromError(): { readonly failed: boolean } {
    return { failed: true };
  }

  override componentDidUpdate({ of }: { readonly of: unknown }): void {
    if (this.state.failed && of !== this.props.of) this.retry();
  }

  private readonly retry = (): void => this.setState({ failed: false });

  override render(): ReactNode {
    return this.state.failed ? this.props.renderFailure(this.retry) : this.props.children;
  }
}
