import { DropdownMenu } from "radix-ui";
import type { KeyboardEvent, ReactNode } from "react";
import { Icon } from "../../icon/Icon";
import { type RoomWindow, useRoom } from "../../room";
import { appTexts } from "../../texts";
import { usePersonOf } from "../shared/people";
import { timeOrDate } from "../shared/time";
import type { Version } from "./sources";
import type { App } from "./useApp";

export type Tab = "preview" | "code";

const TABS: readonly (readonly [Tab, string])[] = [
  ["preview", appTexts.preview],
  ["code", appTexts.code],
];

type Props = {
  readonly window: RoomWindow;
  readonly tab: Tab;
  readonly onTab: (tab: Tab) => void;
  readonly app: App;
  readonly version: Version;
  readonly onVersion: (version: Version) => void;
  readonly offline: boolean;
  readonly onRunAgain: () => void;
  readonly actions?: ReactNode;
};

/** The line above an app: preview or code, the version, and whether all people see it. */
export function AppToolbar({
  window: shown,
  tab,
  onTab,
  app,
  version,
  offline,
  onVersion,
  onRunAgain,
  actions,
}: Props) {
  const onKeyDown = (event: KeyboardEvent<HTMLElement>): void => {
    if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
    event.preventDefault();
    const next: Tab = tab === "preview" ? "code" : "preview";
    onTab(next);
    document.getElementById(`app-${shown.id}-${next}`)?.focus();
  };
  return (
    <div className="app-bar">
      <div className="app-tabs" role="tablist" aria-label={appTexts.partsOfTheApp}>
        {TABS.map(([value, label]) => (
          <button
            key={value}
            id={`app-${shown.id}-${value}`}
            type="button"
            role="tab"
            aria-selected={tab === value}
            aria-controls={`app-${shown.id}`}
            tabIndex={tab === value ? 0 : -1}
            onClick={() => onTab(value)}
            onKeyDown={onKeyDown}
          >
            {label}
          </button>
        ))}
      </div>
      <Versions app={app} version={version} onVersion={onVersion} />
      <span className="grow" />
      {offline ? (
        <span className="app-live" data-offline title={appTexts.changesReachOthersLater}>
          <i aria-hidden="true" />
          <span>{appTexts.offline}</span>
        </span>
      ) : (
        <span className="app-live" title={appTexts.everybodyRoomSeesApp}>
          <i aria-hidden="true" />
          <span>
            {appTexts.live}
            <span className="app-wide"> {appTexts.forEverybody}</span>
          </span>
        </span>
      )}
      <button
        type="button"
        className="p-icon"
        aria-label={appTexts.runAgain}
        title={appTexts.runAgain}
        onClick={onRunAgain}
      >
        <Icon name="rotate" />
      </button>
      {actions}
    </div>
  );
}

function Versions({ app, version, onVersion }: Pick<Props, "app" | "version" | "onVersion">) {
  const room = useRoom();
  const person = usePersonOf();
  const { versions } = app;
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger
        className="btn btn-s app-version"
        aria-label={appTexts.versionOf(version.number, versions.length)}
      >
        {appTexts.v}
        {version.number}
        <Icon name="down" />
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content className="menu" align="start" sideOffset={4} collisionPadding={8}>
          <DropdownMenu.RadioGroup value={version.ref} aria-label={appTexts.versions}>
            {[...versions].reverse().map((each) => (
              <DropdownMenu.RadioItem
                key={each.ref}
                value={each.ref}
                className="menu-item"
                disabled={!room.canEdit}
                onSelect={() => each.ref !== version.ref && onVersion(each)}
              >
                {each.number < version.number
                  ? appTexts.backToVersion(each.number)
                  : appTexts.version(each.number)}
                <span className="menu-hint">
                  {originOf(each, each.by === "" ? null : person(each.by).name)}
                  <DropdownMenu.ItemIndicator> {appTexts.shown}</DropdownMenu.ItemIndicator>
                </span>
              </DropdownMenu.RadioItem>
            ))}
          </DropdownMenu.RadioGroup>
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

/** "fix, Amber Otter, 11:40" */
function originOf({ ref, fix, at }: Version, name: string | null): string {
  const kind = ref.startsWith("note:") ? "edited" : fix ? "fix" : null;
  const time = at > 0 ? timeOrDate(at, Date.now()) : null;
  return [kind, name, time].filter((part) => part !== null).join(", ");
}
