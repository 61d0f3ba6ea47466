import { createPortal } from "react-dom";
import {
  useCards,
  useGeneration,
  useHeads,
  useParticipants,
  usePeople,
  useResults,
  useRoom,
  useSettings,
  useTitle,
} from "../../room";
import { stateTexts } from "../../texts";
import type { DeckCard } from "../hand/deck";
import { clientState } from "./clientState";
import "./debug.css";

/** Whether this page was opened with `?debug`. */
export const debugging = (): boolean => new URLSearchParams(window.location.search).has("debug");

/** A table of all values that this page derives, for `?debug`. */
export function DebugState({ hand }: { readonly hand: readonly DeckCard[] }) {
  const { slug, me } = useRoom();
  const state = clientState({
    slug,
    me,
    title: useTitle(),
    settings: useSettings(),
    participants: useParticipants(),
    people: usePeople(),
    cards: useCards(),
    hand,
    heads: useHeads(),
    generation: useGeneration(),
    results: useResults(),
  });
  // Outside of the windows, since a window is the frame of the fixed elements in it.
  return createPortal(
    <details className="debug" open>
      <summary>{stateTexts.stateOfThisPage}</summary>
      <dl>
        {Object.entries(state).map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd data-state={name}>{JSON.stringify(value)}</dd>
          </div>
        ))}
      </dl>
    </details>,
    document.body,
  );
}
