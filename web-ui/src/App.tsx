import { Tooltip } from "radix-ui";
import { useMemo, useSyncExternalStore } from "react";
import { FrontPage } from "./front/FrontPage";
import { currentPlace, onPlaceChange, placeKey } from "./page/place";
import { RoomPage } from "./shell/RoomPage";
import { prefetchRoomCode } from "./shell/roomCode";

if (currentPlace().kind === "room") prefetchRoomCode();

/** Shows the front page at `/`, or a room at `/r/{slug}` with its key in the fragment. */
export function App() {
  const key = useSyncExternalStore(onPlaceChange, placeKey);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the page reads the place again when its name changes
  const place = useMemo(currentPlace, [key]);
  return (
    <Tooltip.Provider delayDuration={500}>
      {place.kind === "front" ? <FrontPage /> : <RoomPage key={key} slug={place.slug} linkKey={place.key} />}
    </Tooltip.Provider>
  );
}
