import { createContext, type ReactNode, useContext, useLayoutEffect, useRef, useState } from "react";
import { createPortal } from "react-dom";
import { Dock } from "./panels";

const DockContext = createContext<HTMLElement | null>(null);

/**
 * Keeps the dock mounted when the page changes between the desktop and the phone layout, as when a tablet is rotated.
 * So the dock keeps its state. It is rendered into a separate element, which `DockSlot` puts into the current layout.
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

/** The place of the dock in a layout: it takes over the element of `DockHost`. */
export function DockSlot() {
  const element = useContext(DockContext);
  const slot = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    if (element !== null) slot.current?.append(element);
  }, [element]);
  return <div ref={slot} />;
}
