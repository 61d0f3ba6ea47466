let holds = 0;
const preventLeaving = (event: BeforeUnloadEvent): void => event.preventDefault();

/** Makes the browser ask before the page is left, until the returned function is called. Several holds add up. */
export function holdPage(): () => void {
  if (holds++ === 0) window.addEventListener("beforeunload", preventLeaving);
  let isHeld = true;
  return () => {
    if (!isHeld) return;
    isHeld = false;
    if (--holds === 0) window.removeEventListener("beforeunload", preventLeaving);
  };
}
