import { Tooltip } from "radix-ui";
import { useMemo, useSyncExternalStore } from "react";
import { FrontPage } from "./front/FrontPage";
import { currentRoute, onRouteChange, routeKey } from "./page/route";
import { RoomPage } from "./shell/RoomPage";
import { prefetchRoomCode } from "./shell/roomCode";

if (currentRoute().kind === "room") prefetchRoomCode();

/** Shows the front page at `/`, or a room at `/r/{slug}` with its key in the fragment. */
export function App() {
  const key = useSyncExternalStore(onRouteChange, routeKey);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the route is read again when its key changes
  const route = useMemo(currentRoute, [key]);
  return (
    <Tooltip.Provider delayDuration={500}>
      {route.kind === "front" ? <FrontPage /> : <RoomPage key={key} slug={route.slug} linkKey={route.key} />}
    </Tooltip.Provider>
  );
}
