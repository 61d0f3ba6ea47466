import { useMemo } from "react";
import { commandQueue, requestStop, useGeneration, useResults, useRoom } from "../room";
import { serverTime } from "../room/clock";
import { panelTexts } from "../texts";
import { QueueStrip } from "./composer/QueueStrip";
import { giveBack } from "./composer/question";
import { pausedSeconds, waitingOf } from "./composer/queue";
import { useServerReachable } from "./composer/useRequests";
import { chosenIn, useThread } from "./output/answerSelection";
import { usePersonOf } from "./shared/people";
import { useNow } from "./shared/useNow";

/** The queue above the composer, with the commands that it offers. */
export function ConnectedQueue() {
  const room = useRoom();
  const generation = useGeneration();
  const results = useResults();
  const person = usePersonOf();
  const online = useServerReachable();
  const { tree, path } = useThread();
  const { identity } = room.me;
  const viewer = useMemo(
    () => ({ identity, isHost: room.role === "host", canEdit: room.canEdit }),
    [identity, room.role, room.canEdit],
  );
  const waiting = useMemo(() => waitingOf(generation, results, viewer), [generation, results, viewer]);
  const now = useNow(generation.paused != null, 1000);
  const seconds = pausedSeconds(generation, serverTime(now));
  const elsewhere = useMemo(() => {
    const shown = new Set(path.map(({ answer }) => answer.request));
    return tree.answers.filter(({ request, status }) => status === "running" && !shown.has(request));
  }, [tree, path]);

  const command = (part: Omit<Parameters<typeof commandQueue>[0], "id" | "by" | "at">) => {
    if (online) room.change(commandQueue({ ...room.authorship(), id: room.newId(), ...part }));
    else room.notify(panelTexts.offlineChangingQueueNeedsServer);
  };
  return (
    <QueueStrip
      waiting={waiting}
      elsewhere={elsewhere}
      person={person}
      pause={seconds === null ? null : { name: person(generation.paused?.by ?? "").name, seconds }}
      locked={!room.canEdit ? panelTexts.youreSpectatorAskHostLet : online ? null : panelTexts.offline}
      onCancel={(request) => {
        const own = waiting.find((each) => each.request === request && each.by === identity);
        command({ do: "cancel", request });
        if (own !== undefined && online) giveBack(room, own.query);
        room.announce(panelTexts.cancelled);
      }}
      onMove={(request, before) => command({ do: "move", request, before })}
      onConfirm={(request) => command({ do: "confirm", request })}
      onResume={() => command({ do: "resume" })}
      onShow={(request) => chosenIn(room).set({ request, newest: tree.newest, isOwn: true })}
      onStop={(request) => room.change(requestStop(request, room.authorship()))}
    />
  );
}
