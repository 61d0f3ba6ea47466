import "./desktop.css";
import { DropdownMenu } from "radix-ui";
import { useEffect, useRef, useState } from "react";
import { Icon, type IconName } from "../icon/Icon";
import { useOnOwnApp } from "../panels/app/appToShow";
import { useUnreadCount } from "../panels/chat/useLastSeen";
import { useOnOwnRequest } from "../panels/output/answerSelection";
import { useOnJump, windowOfTarget } from "../panels/shared/jump";
import { addWindow, isCore, type RoomWindow, useRoom, useShownWindows, type WindowType } from "../room";
import { desktopTexts } from "../texts";
import { byAge, PANELS, regionName, titleOf, WINDOW_ICON } from "./panels";
import { useClosingNotices } from "./useClosingNotices";
import { useTitleEdit, WindowTitle } from "./WindowTitle";
import { canChangeState, changeState, openWindow } from "./windowState";

type Tab = "output" | "app" | "stack" | "windows" | "chat";
const TABS: readonly (readonly [Tab, string, IconName])[] = [
  ["output", desktopTexts.output, "spark"],
  ["app", desktopTexts.app, "window"],
  ["stack", desktopTexts.stack, "layers"],
  ["windows", desktopTexts.windows, "note"],
  ["chat", desktopTexts.chat, "chat"],
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
  useClosingNotices();
  useOnOwnRequest(() => setTab("output"));
  useOnJump((target) => {
    const shown = windowOfTarget(target, room.windows.shown.get());
    if (shown?.type === "note" && shown.state === "closed") openWindow(room, shown);
    setTab(tabOf(shown?.type));
  });
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
  const unread = useUnreadCount(tab === "chat");

  return (
    <main className="phone">
      <div className="phone-main" id="phone-panel" role="tabpanel" aria-labelledby={`tab-${tab}`}>
        {tab === "windows" ? (
          <PhoneWindows windows={windows} except={app?.id ?? null} />
        ) : (
          own !== undefined && <PhonePanel key={own.id} window={own} />
        )}
      </div>
      <div className="tabs" role="tablist" aria-label={desktopTexts.partsOfTheRoom}>
        {tabs.map(([value, label, icon]) => (
          <button
            key={value}
            id={`tab-${value}`}
            type="button"
            role="tab"
            aria-selected={tab === value}
            aria-controls="phone-panel"
            aria-label={value === "chat" && unread > 0 ? desktopTexts.unread(label, unread) : undefined}
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
            {value === "chat" && unread > 0 && (
              <span className="tab-mark" aria-hidden="true">
                {unread > 99 ? "99+" : unread}
              </span>
            )}
          </button>
        ))}
      </div>
    </main>
  );
}

const tabOf = (type: WindowType | undefined): Tab =>
  type === "chat" || type === "stack" ? type : type === "note" ? "windows" : "output";

function PhonePanel({ window, menu = false }: { readonly window: RoomWindow; readonly menu?: boolean }) {
  const Panel = PANELS[window.type];
  const edit = useTitleEdit(window);
  return (
    <section
      className="phone-panel"
      aria-label={regionName(window)}
      data-region
      data-kind={window.type}
      tabIndex={-1}
    >
      <header className="window-bar">
        <Icon name={WINDOW_ICON[window.type]} />
        <WindowTitle window={window} edit={edit} />
        {menu && <PhoneWindowMenu window={window} onRename={edit.begin} />}
      </header>
      <div className="window-body">
        <Panel window={window} />
      </div>
    </section>
  );
}

/** Renames or closes a window on a small screen. */
function PhoneWindowMenu({
  window,
  onRename,
}: {
  readonly window: RoomWindow;
  readonly onRename: () => void;
}) {
  const room = useRoom();
  const renames = useRef(false);
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger
        className="icon-btn phone-more"
        aria-label={desktopTexts.windowMenu(titleOf(window))}
      >
        <Icon name="more" />
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          className="menu"
          align="end"
          sideOffset={4}
          collisionPadding={8}
          onCloseAutoFocus={(event) => {
            // The field of the title has the focus then.
            if (renames.current) event.preventDefault();
            renames.current = false;
          }}
        >
          <DropdownMenu.Item
            className="menu-item"
            disabled={!room.canEdit}
            onSelect={() => {
              renames.current = true;
              onRename();
            }}
          >
            <Icon name="pencil" />
            {desktopTexts.rename}
          </DropdownMenu.Item>
          <DropdownMenu.Item
            className="menu-item"
            disabled={!canChangeState(room, window)}
            onSelect={() => changeState(room, window, "closed")}
          >
            <Icon name="close" />
            {isCore(window) ? desktopTexts.closeForMe : desktopTexts.closeForEveryone}
          </DropdownMenu.Item>
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

type PhoneWindowsProps = {
  readonly windows: readonly RoomWindow[];
  /** The window that has its own tab. */
  readonly except: string | null;
};

function PhoneWindows({ windows, except }: PhoneWindowsProps) {
  const room = useRoom();
  const listed = windows.filter((window) => !OWN_TAB.has(window.type) && window.id !== except).sort(byAge);
  const shown = listed.filter((window) => window.state !== "closed");
  const closed = listed.filter((window) => window.state === "closed" && canChangeState(room, window));
  const addNote = (): void => {
    const count = windows.filter((window) => window.type === "note").length + 1;
    room.run(
      addWindow({
        id: room.newId(),
        type: "note",
        title: desktopTexts.noteNumber(count),
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
        <PhonePanel key={window.id} window={window} menu />
      ))}
      <button type="button" className="btn" disabled={!room.canEdit} onClick={addNote}>
        <Icon name="plus" />
        {desktopTexts.newNote}
      </button>
      {closed.length > 0 && (
        <section className="phone-closed" aria-label={desktopTexts.closedWindows}>
          <h2>{desktopTexts.closedWindows}</h2>
          {closed.map((window) => (
            <button key={window.id} type="button" className="btn" onClick={() => openWindow(room, window)}>
              <Icon name={WINDOW_ICON[window.type]} />
              <span className="menu-words">
                {desktopTexts.open} {titleOf(window)}
              </span>
            </button>
          ))}
        </section>
      )}
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
