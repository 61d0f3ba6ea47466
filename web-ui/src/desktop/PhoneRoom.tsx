import "./desktop.css";
import { useEffect, useState } from "react";
import { Icon, type IconName } from "../icon/Icon";
import { useOnOwnApp } from "../panels/app/appToShow";
import { useOnOwnRequest } from "../panels/output/answerSelection";
import { addWindow, type RoomWindow, useRoom, useShownWindows, type WindowType } from "../room";
import { byAge, PANELS, regionName, titleOf, WINDOW_ICON } from "./panels";

type Tab = "output" | "app" | "stack" | "windows" | "chat";
const TABS: readonly (readonly [Tab, string, IconName])[] = [
  ["output", "Output", "spark"],
  ["app", "App", "window"],
  ["stack", "Stack", "layers"],
  ["windows", "Windows", "note"],
  ["chat", "Chat", "chat"],
];
const OWN_TAB: ReadonlySet<WindowType> = new Set<WindowType>(["output", "stack", "chat"]);

/**
 * The room on a phone [U17]: each tab shows one part, and other windows are a list in the tab Windows. The tab App
 * exists while an app is open; it shows the app in front.
 */
export function PhoneRoom() {
  const room = useRoom();
  const [chosen, setTab] = useState<Tab>("output");
  const [chosenApp, setChosenApp] = useState<string | null>(null);
  const windows = useShownWindows();
  useKeyboardInset();
  useOnOwnRequest(() => setTab("output"));
  useOnOwnApp((id) => {
    setChosenApp(id);
    setTab("app");
  });
  const apps = windows.filter((window) => window.type === "app" && window.state !== "closed");
  const app = apps.find((window) => window.id === chosenApp) ?? apps.at(-1);
  const tabs = TABS.filter(([value]) => value !== "app" || app !== undefined);
  const tab = chosen === "app" && app === undefined ? "output" : chosen;
  const own =
    tab === "windows" ? undefined : tab === "app" ? app : windows.find((window) => window.type === tab);

  useEffect(() => room.presence.setPlace(own?.id ?? null), [room, own?.id]);

  return (
    <main className="phone">
      <div className="phone-main" id="phone-panel" role="tabpanel" aria-labelledby={`tab-${tab}`}>
        {tab === "windows" ? (
          <PhoneWindows windows={windows} except={app?.id ?? null} />
        ) : (
          own !== undefined && <PhonePanel key={own.id} window={own} />
        )}
      </div>
      <div className="tabs" role="tablist" aria-label="Parts of the room">
        {tabs.map(([value, label, icon]) => (
          <button
            key={value}
            id={`tab-${value}`}
            type="button"
            role="tab"
            aria-selected={tab === value}
            aria-controls="phone-panel"
            tabIndex={tab === value ? 0 : -1}
            onClick={() => setTab(value)}
            onKeyDown={(event) => {
              const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
              if (step === 0) return;
              const at = tabs.findIndex(([other]) => other === value);
              const next = tabs[(at + step + tabs.length) % tabs.length];
              if (next === undefined) return;
              setTab(next[0]);
              document.getElementById(`tab-${next[0]}`)?.focus();
            }}
          >
            <Icon name={icon} />
            {label}
          </button>
        ))}
      </div>
    </main>
  );
}

function PhonePanel({ window }: { readonly window: RoomWindow }) {
  const Panel = PANELS[window.type];
  return (
    <section
      className="phone-panel"
      aria-label={regionName(window)}
      data-region
      data-kind={window.type}
      tabIndex={-1}
    >
      <h2 className="window-bar">
        <Icon name={WINDOW_ICON[window.type]} />
        <span className="window-title">{titleOf(window)}</span>
      </h2>
      <div className="window-body">
        <Panel window={window} />
      </div>
    </section>
  );
}

type PhoneWindowsProps = {
  readonly windows: readonly RoomWindow[];
  /** The window that has its own tab. */
  readonly except: string | null;
};

function PhoneWindows({ windows, except }: PhoneWindowsProps) {
  const room = useRoom();
  const shown = windows
    .filter((window) => !OWN_TAB.has(window.type) && window.state !== "closed" && window.id !== except)
    .sort(byAge);
  const addNote = (): void => {
    const count = windows.filter((window) => window.type === "note").length + 1;
    room.run(
      addWindow({
        id: room.newId(),
        type: "note",
        title: `Note ${count}`,
        x: 420,
        y: 84,
        width: 320,
        height: 220,
        ref: room.newId(),
        ...room.authorship(),
      }),
    );
  };
  return (
    <div className="phone-windows">
      {shown.map((window) => (
        <PhonePanel key={window.id} window={window} />
      ))}
      <button type="button" className="btn" disabled={!room.canEdit} onClick={addNote}>
        <Icon name="plus" />
        New note
      </button>
    </div>
  );
}

/** Keeps the dock above an on-screen keyboard in browsers that do not resize the page for it. */
function useKeyboardInset(): void {
  useEffect(() => {
    const view = window.visualViewport;
    if (view === null) return;
    const measure = (): void => {
      const hidden = Math.max(0, window.innerHeight - view.height - view.offsetTop);
      document.documentElement.style.setProperty("--keyboard", `${Math.round(hidden)}px`);
    };
    measure();
    view.addEventListener("resize", measure);
    view.addEventListener("scroll", measure);
    return () => {
      view.removeEventListener("resize", measure);
      view.removeEventListener("scroll", measure);
      document.documentElement.style.removeProperty("--keyboard");
    };
  }, []);
}
