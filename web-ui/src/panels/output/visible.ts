/** An element is drawn when it is within this distance of the window's visible part. */
const NEAR_PX = 1_200;

const waiting = new Map<Element, () => void>();
const ready: Element[] = [];
let observer: IntersectionObserver | null = null;
let scheduled = false;

/**
 * Calls `draw` once, when the element is near the visible part of the page. If many elements come near at once, each is
 * drawn in its own task, so that the page stays responsive. Returns a function that cancels the call.
 */
export function drawWhenNear(element: Element, draw: () => void): () => void {
  observer ??= new IntersectionObserver(onSeen, {
    rootMargin: `${NEAR_PX}px 0px`,
    scrollMargin: `${NEAR_PX}px 0px`,
  } as IntersectionObserverInit);
  waiting.set(element, draw);
  observer.observe(element);
  return () => {
    waiting.delete(element);
    observer?.unobserve(element);
  };
}

function onSeen(entries: readonly IntersectionObserverEntry[]): void {
  for (const { isIntersecting, target } of entries) {
    if (!isIntersecting) continue;
    observer?.unobserve(target);
    ready.push(target);
  }
  if (!scheduled && ready.length > 0) schedule();
}

function schedule(): void {
  scheduled = true;
  setTimeout(() => {
    scheduled = false;
    const element = nextReady();
    const draw = element === undefined ? undefined : waiting.get(element);
    if (element !== undefined) waiting.delete(element);
    draw?.();
    if (ready.length > 0) schedule();
  }, 0);
}

/** The last element first: a conversation opens at its end. */
function nextReady(): Element | undefined {
  let element = ready.pop();
  while (element !== undefined && !waiting.has(element)) element = ready.pop();
  return element;
}
