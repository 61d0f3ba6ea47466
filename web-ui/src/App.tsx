import { Tooltip } from "radix-ui";
import { useMemo, useSyncExternalStore } from "react";
import { LazyCode, useLazyCode } from "./page/lazyCode";
import { currentRoute, onRouteChange, routeKey } from "./page/route";
import { RoomPage } from "./shell/RoomPage";
import { prefetchRoomCode } from "./shell/roomCode";
import { ErrorPage } from "./shell/Waiting";
import { entryTexts } from "./texts";

/** The code of the front page, which a person with a link to a room does not need. */
const frontCode = new LazyCode(() => import("./front/FrontPage"));

if (currentRoute().kind === "room") prefetchRoomCode();
else frontCode.load();

/** Shows the front page at `/`, or a room at `/r/{slug}` with its key in the fragment. */
export function App() {
  const key = useSyncExternalStore(onRouteChange, routeKey);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the route is read again when its key changes
  const route = useMemo(currentRoute, [key]);
  return (
    <Tooltip.Provider delayDuration={500}>
      {route.kind === "front" ? <Front /> : <RoomPage key={key} slug={route.slug} linkKey={route.key} />}
    </Tooltip.Provider>
  );
}

function Front() {
  const code = useLazyCode(frontCode);
  if (code === null) return null;
  if (code !== "failed") return <code.FrontPage />;
  return (
    <ErrorPage title={entryTexts.serverNotAnswer} text={entryTexts.partPageFailedLoad}>
      <button type="button" className="btn btn-go" onClick={() => window.location.reload()}>
        {entryTexts.tryAgain}
      </button>
    </ErrorPage>
  );
}
