import { useState } from "react";
import { Icon } from "../../icon/Icon";
import { appTexts } from "../../texts";
import { useStickyScroll } from "../shared/useStickyScroll";
import type { AppLog } from "./appLog";

type Props = {
  readonly stateKeys: readonly string[];
  readonly log: AppLog;
  /** The number of messages of the app that were above the limits. */
  readonly dropped: number;
  readonly canReset: boolean;
  readonly onReset: () => void;
};

/** The foot of an app's window: its console and the keys of its shared state. */
export function AppFoot({ stateKeys, log, dropped, canReset, onReset }: Props) {
  const [open, setOpen] = useState(false);
  if (stateKeys.length === 0 && log.lineCount === 0) return null;
  return (
    <>
      {open && <Console log={log} dropped={dropped} />}
      <div className="app-foot">
        {stateKeys.length > 0 && (
          <>
            <Icon name="people" />
            <span className="app-keys" title={stateKeys.join(", ")}>
              {appTexts.sharedByEveryoneHere} {stateKeys.join(", ")}
            </span>
          </>
        )}
        <span className="grow" />
        {log.lineCount > 0 && (
          <button type="button" className="app-quiet" aria-expanded={open} onClick={() => setOpen(!open)}>
            {appTexts.console}
            {log.lineCount})
          </button>
        )}
        {stateKeys.length > 0 && (
          <button
            type="button"
            className="app-quiet"
            disabled={!canReset}
            title={appTexts.removeSharedValuesEverybody}
            onClick={onReset}
          >
            {appTexts.reset}
          </button>
        )}
      </div>
    </>
  );
}

function Console({ log, dropped }: { readonly log: AppLog; readonly dropped: number }) {
  const { scroller, content } = useStickyScroll(true);
  return (
    <div
      className="app-console"
      role="log"
      aria-label={appTexts.console2}
      aria-live="off"
      ref={scroller}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a long console is scrolled by keys
      tabIndex={0}
    >
      <div ref={content}>
        {log.lines.map((line) => (
          <pre key={line.id} data-level={line.level}>
            {line.text}
          </pre>
        ))}
        {dropped > 0 && (
          <p>
            {dropped} {appTexts.messagesCameTooFastLeft}
          </p>
        )}
      </div>
    </div>
  );
}
