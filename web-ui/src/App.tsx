import { Tooltip } from "radix-ui";
import { lazy, Suspense, useSyncExternalStore } from "react";
import { FrontPage } from "./front/FrontPage";
import { currentPlace, onPlaceChange, placeKey } from "./place";
import { Waiting } from "./shell/Waiting";

const RoomPage = lazy(() => import("./shell/RoomPage"));

/** Two places: the front page at `/`, and a room at `/r/{slug}` with its key in the fragment. */
export function App() {
  const key = useSyncExternalStore(onPlaceChange, placeKey);
  const place = currentPlace();
  return (
    <Tooltip.Provider delayDuration={500}>
      {place.kind === "front" ? (
        <FrontPage />
      ) : (
        <Suspense fallback={<Waiting text="Opening the room…" />}>
          <RoomPage key={key} slug={place.slug} linkKey={place.key} />
        </Suspense>
      )}
    </Tooltip.Provider>
  );
}
