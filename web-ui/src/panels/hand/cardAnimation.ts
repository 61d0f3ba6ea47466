import { prefersReducedMotion } from "../../page/useMedia";

/** The place of the end of the stack on the screen, or null if no stack is visible. */
const stackEnd = (): DOMRect | null => {
  const end = [...document.querySelectorAll<HTMLElement>("[data-stack-end]")].find(
    (e) => e.offsetParent !== null,
  );
  return end?.getBoundingClientRect() ?? null;
};

/**
 * Shows that a played card goes to the stack: a copy of the card moves there and fades. The copy takes no input and is
 * removed at the end.
 */
export function animateToStack(card: HTMLElement): void {
  const to = stackEnd();
  if (to === null || prefersReducedMotion()) return;
  const from = card.getBoundingClientRect();
  const ghost = card.cloneNode(true) as HTMLElement;
  ghost.setAttribute("aria-hidden", "true");
  ghost.inert = true;
  ghost.removeAttribute("id");
  Object.assign(ghost.style, {
    position: "fixed",
    left: `${from.left}px`,
    top: `${from.top}px`,
    width: `${from.width}px`,
    height: `${from.height}px`,
    margin: "0",
    zIndex: "40",
    pointerEvents: "none",
    transition: "none",
    transformOrigin: "0 0",
  });
  document.body.append(ghost);
  const flight = ghost.animate(
    [
      { transform: "none", opacity: 1 },
      {
        transform: `translate(${to.left - from.left}px, ${to.top - from.top - 60}px) rotate(0deg) scale(${
          Math.max(to.width, 160) / from.width
        }, 0.7)`,
        opacity: 0.15,
      },
    ],
    { duration: 380, easing: "cubic-bezier(.2, .8, .2, 1)" },
  );
  const end = () => ghost.remove();
  flight.finished.then(end, end);
}
