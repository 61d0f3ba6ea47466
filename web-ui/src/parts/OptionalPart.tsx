import { Component, type ReactNode } from "react";
import { failHere, type Part, usePart } from "../room";

interface Props {
  readonly part: Part;
  readonly children: ReactNode;
  /** The content while the part is off; empty by default. */
  readonly fallback?: ReactNode;
}

/** Shows an optional part of the room, unless it is switched off or has failed. An error in it switches it off. */
export function OptionalPart({ part, children, fallback = null }: Props) {
  return usePart(part) ? <ErrorBoundary part={part}>{children}</ErrorBoundary> : fallback;
}

class ErrorBoundary extends Component<
  { readonly part: Part; readonly children: ReactNode },
  { readonly broken: boolean }
> {
  override state = { broken: false };

  static getDerivedStateFromError(): { broken: boolean } {
    return { broken: true };
  }

  override componentDidCatch(): void {
    failHere(this.props.part);
  }

  override render(): ReactNode {
    return this.state.broken ? null : this.props.children;
  }
}
