import { useEffect, useState } from "react";
import { type RoomSession, useRoom } from "../../room";
import { perRoom } from "../shared/perRoom";

/** The number of images whose bytes the page keeps; above, those that are not shown go first. */
const KEPT_MAX = 60;

type Kept = { readonly url: Promise<string>; shown: number };

const kept = perRoom(() => new Map<string, Kept>());

function take(room: RoomSession, id: string): Kept {
  const all = kept(room);
  let image = all.get(id);
  if (image === undefined) {
    image = { url: room.api.image(id).then((bytes) => URL.createObjectURL(bytes)), shown: 0 };
    image.url.catch(() => all.delete(id));
  }
  // The images that were shown last stand last.
  all.delete(id);
  all.set(id, image);
  image.shown++;
  for (const [other, { url, shown }] of all) {
    if (all.size <= KEPT_MAX) break;
    if (shown > 0) continue;
    all.delete(other);
    url.then(URL.revokeObjectURL, () => {});
  }
  return image;
}

export type ImageUrl =
  | { readonly kind: "loading" }
  | { readonly kind: "shown"; readonly url: string }
  | { readonly kind: "failed" };

/** The object URL of an image of the room, and a function that loads it again. */
export function useImageUrl(id: string): readonly [ImageUrl, () => void] {
  const room = useRoom();
  const [state, setState] = useState<ImageUrl>({ kind: "loading" });
  const [attempt, setAttempt] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new attempt loads again
  useEffect(() => {
    let isShown = true;
    setState({ kind: "loading" });
    const image = take(room, id);
    image.url.then(
      (url) => isShown && setState({ kind: "shown", url }),
      () => isShown && setState({ kind: "failed" }),
    );
    return () => {
      isShown = false;
      image.shown--;
    };
  }, [room, id, attempt]);
  return [state, () => setAttempt((before) => before + 1)];
}
