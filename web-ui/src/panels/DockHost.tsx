import { createContext, type ReactNode, useContext, useLayoutEffect, useRef, useState } from "react";
import { createPortal } from "react-dom";
import { Dock } from "./Dock";

/** The element of the dock, and the places in the page that can take it. The newest place has it. */
type Docking = { readonly element: HTMLElement; readonly slots: HTMLElement[] };

const DockContext = createContext<Docking | null>(null);

/**
 * Keeps the dock mounted while its place changes: between the Output window and the bottom of the desk, or between the
 * desktop and the phone layout. So the dock keeps its state. It is rendered into a separate element, which `DockSlot`
 * puts into the current layout.
 */
export function DockHost({ children }: { readonly children: ReactNode }) {
  const [docking] = useState<Docking>(() => {
    const element = document.createElement("div");
    element.className = "dock-holder";
    return { element, slots: [] };
  });
  return (
    <DockContext value={docking}>
      {children}
      {createPortal(<Dock />, docking.element)}
    </DockContext>
  );
}

/** A place for the dock in a layout: it takes over the element of `DockHost`, and gives it back when it goes away. */
export function DockSlot() {
  const docking = useContext(DockContext);
  const slot = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const place = slot.current;
    if (docking === null || place === null) return;
    docking.slots.push(place);
    moveTo(docking, place);
    return () => {
      docking.slots.splice(docking.slots.indexOf(place), 1);
      const next = docking.slots.at(-1);
      if (next !== undefined && !next.contains(docking.element)) moveTo(docking, next);
    };
  }, [docking]);
  return <div ref={slot} className="dock-slot" />;
}

/** Moves the dock. Its focused element keeps the focus, with the selection in a field. */
function moveTo({ element }: Docking, place: HTMLElement): void {
  const focused = element.contains(document.activeElement) ? document.activeElement : null;
  place.append(element);
  if (focused instanceof HTMLElement) focused.focus({ preventScroll: true });
}
