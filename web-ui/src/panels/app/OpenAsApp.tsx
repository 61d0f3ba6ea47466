import { Icon } from "../../icon/Icon";
import {
  addAppVersion,
  appVersionsOf,
  openApp,
  type Result,
  type RoomSession,
  type RoomWindow,
  setWindowState,
  useResults,
  useRoom,
  useWindows,
} from "../../room";
import { appTexts } from "../../texts";
import { showApp } from "./appToShow";
import { titleOfApp } from "./blocks";
import { appInBlock, type Origin, refOfBlock } from "./sources";

/**
 * The place of the first app: at the right of the desk, beside the text of Output and above the newest messages and the
 * field of the chat. Each further app begins a step lower.
 */
const PLACE = { x: 952, y: 24, width: 376, height: 380 } as const;
const STEP = 28;

type Props = {
  /** Where the block is: a finished answer, or an entry of the chat. */
  readonly origin: Origin;
  /** The whole text of the origin. */
  readonly text: string;
  readonly language: string;
  readonly code: string;
};

/** The button of a code block that can run: opens it as an app for all people, or shows the app that it is. */
export function OpenAsApp({ origin, text, language, code }: Props) {
  const room = useRoom();
  const windows = useWindows();
  const results = useResults();
  const found = appInBlock(text, language, code);
  if (found === null) return null;
  const ref = refOfBlock(origin, found.index);
  const request = origin.startsWith("result:") ? origin.slice("result:".length) : null;
  const apps = windows.filter((window) => window.type === "app");
  const own = apps.findLast((window) => has(window, ref) || has(window, origin));
  const earlier =
    own ?? (request === null ? undefined : apps.findLast((window) => isContinued(window, request, results)));
  const label =
    own !== undefined ? appTexts.showApp : earlier !== undefined ? appTexts.updateApp : appTexts.openAsApp;
  const act = (): void => {
    if (own !== undefined) show(room, own);
    else if (earlier !== undefined) {
      room.run(addAppVersion(earlier.id, { ref, from: earlier.ref, ...room.authorship() }));
      show(room, earlier);
    } else {
      const id = room.newId();
      const steps = apps.filter((window) => window.state === "open").length % 6;
      const place = { ...PLACE, y: PLACE.y + steps * STEP, height: PLACE.height - steps * STEP };
      room.run(openApp({ id, title: titleOfApp(found.app), ...place, ref, ...room.authorship() }));
      room.announce(appTexts.openedAppEverybody);
      showApp(room, id);
    }
  };
  return (
    <button
      type="button"
      className="md-copy md-app"
      disabled={!room.canEdit && own === undefined}
      title={room.canEdit ? undefined : appTexts.watchingAskHostPlayerLink}
      onClick={act}
    >
      <Icon name="window" />
      {label}
    </button>
  );
}

const has = (window: RoomWindow, ref: string): boolean =>
  appVersionsOf(window.props).some((version) => version.ref === ref);

/** Whether a version of the window's app is an answer that this request continues. */
function isContinued(window: RoomWindow, request: string, results: readonly Result[]): boolean {
  const requests = new Set(
    appVersionsOf(window.props).map(({ ref }) => ref.replace(/^result:/, "").replace(/#\d+$/, "")),
  );
  const seen = new Set<string>();
  let at = results.find((result) => result.request === request)?.after ?? "";
  while (at !== "" && !seen.has(at)) {
    if (requests.has(at)) return true;
    seen.add(at);
    const before: string = at;
    at = results.find((result) => result.request === before)?.after ?? "";
  }
  return false;
}

function show(room: RoomSession, window: RoomWindow): void {
  if (room.canEdit) room.run(setWindowState(window.id, "open"));
  showApp(room, window.id);
}
