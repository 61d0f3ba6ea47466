import type { ReactNode } from "react";
import { type LazyCode, useLazyCode } from "../page/lazyCode";
import { loadingTexts } from "../texts";

type PartProps<T> = {
  readonly code: LazyCode<T>;
  readonly show: (code: T) => ReactNode;
};

/** Shows a part of the page when its code has arrived. After a failure, a button loads it again. */
export function LoadedPart<T>({ code, show }: PartProps<T>) {
  const loaded = useLazyCode(code);
  if (loaded === null) return <p className="p-empty">{loadingTexts.loading}</p>;
  if (loaded !== "failed") return show(loaded);
  return (
    <p className="p-empty" role="alert">
      {loadingTexts.partFailed}{" "}
      <button type="button" className="p-link" onClick={code.load}>
        {loadingTexts.tryAgain}
      </button>
    </p>
  );
}
