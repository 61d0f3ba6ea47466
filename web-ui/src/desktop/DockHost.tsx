import { createContext, type ReactNode, useContext, useLayoutEffect, useRef, useState } from "react";
import { createPortal } from "react-dom";
import { Dock } from "./panels";

const DockContext = createContext<HTMLElement | null>(null);

/**
 * Keeps one dock mounted while the page changes between desk and phone, as when a tablet is turned, so that a
 * half-written question stays. The dock lives in a separate element that the current layout adopts.
 */
export function DockHost({ children }: { readonly children: ReactNode }) {
  const [element] = useState(() => {
    const holder = document.createElement("div");
    holder.className = "dock-holder";
    return holder;
  });
  return (
    <DockContext value={element}>
      {children}
      {createPortal(<Dock />, element)}
    </DockContext>
  );
}

/** The place of the dock in a layout. */
export function DockSlot() {
  const element = useContext(DockContext);
  const slot = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    if (element !== null) slot.current?.append(element);
  }, [element]);
  return <div ref={slot} />;
}
