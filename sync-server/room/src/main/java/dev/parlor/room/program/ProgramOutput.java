package dev.parlor.room.program;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.relay.document.CloseCodes;
import dev.parlor.relay.socket.transport.WebSocket;
import dev.parlor.room.http.RoomCommands;
import dev.parlor.room.limits.FixedServiceLimits;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What a JSON socket sends to its client, in the order of the room's revisions. Used on any thread.
 *
 * <p>A command's own change is in its answer, which follows the commit. Until then later messages
 * are held. A client that reads too slowly gets no deltas any more; when it has read all, it gets
 * the whole state.
 */
final class ProgramOutput {
  private static final long BEHIND_NANOS_MAX =
      TimeUnit.SECONDS.toNanos(FixedServiceLimits.JSON_BEHIND_SECONDS_MAX);

  private final WebSocket socket;
  private final LongSupplier nanoTime;

  // Guarded by this object.
  private boolean isSynced;
  private boolean isBehind;
  private long behindSince;
  private @Nullable ObjectNode ownChanges;
  private @Nullable Bytes ownDelta;
  private @Nullable Deque<Bytes> held;

  private volatile boolean isClosing;

  ProgramOutput(WebSocket socket, LongSupplier nanoTime) {
    this.socket = socket;
    this.nanoTime = nanoTime;
  }

  /** Sends the whole state; returns whether it is the first of this socket. */
  synchronized boolean synced(Bytes state) {
    var isFirst = !isSynced;
    isSynced = true;
    isBehind = false;
    if (held != null) {
      held.clear();
    }
    ownChanges = null; // the state has this change
    ownDelta = null;
    offer(state);
    return isFirst;
  }

  /** Sends a delta and the chat messages in it, or holds them until the answer of a command. */
  synchronized void changed(Bytes delta, List<Bytes> chat) {
    if (!isSynced || isBehind) {
      return;
    }
    var waitingForAnswer = held;
    if (waitingForAnswer != null) {
      waitingForAnswer.add(delta);
      waitingForAnswer.addAll(chat);
      if (waitingForAnswer.size() > FixedServiceLimits.JSON_WAITING_MESSAGES_MAX) {
        fallBehind();
      }
      return;
    }
    offer(delta);
    chat.forEach(this::offer);
    if (socket.outbox().depth() > FixedServiceLimits.JSON_WAITING_MESSAGES_MAX
        || socket.outbox().bytes() > FixedServiceLimits.JSON_WAITING_BYTES_MAX) {
      fallBehind();
    }
  }

  /** From now on the client gets no deltas; it gets the whole state when it has read all. */
  private void fallBehind() {
    isBehind = true;
    behindSince = nanoTime.getAsLong();
  }

  /** Keeps the change of the running command for its answer. */
  synchronized void own(ObjectNode changes, Bytes delta) {
    if (!isSynced || isBehind) {
      return;
    }
    ownChanges = changes;
    ownDelta = delta;
    held = new ArrayDeque<>();
  }

  /** Sends a message that a slow reader may miss. */
  void ephemeral(Bytes message) {
    if (socket.outbox().depth() < FixedServiceLimits.JSON_WAITING_MESSAGES_MAX / 4) {
      synchronized (this) {
        if (isSynced && !isBehind) {
          offer(message);
        }
      }
    }
  }

  private void offer(Bytes message) {
    if (!isClosing && socket.outbox().offerText(message)) {
      socket.outbox().flush();
    }
  }

  void send(ObjectNode message) {
    offer(Messages.encode(message));
  }

  /** Answers the running command, then sends what was held. */
  synchronized void answer(JsonNode id, String command, RoomCommands.Answer answer) {
    if (answer.isError()) {
      if (ownDelta != null) {
        offer(ownDelta); // the change was made, although the command failed
      }
      var message = Messages.error(code(answer.body()), answer.body().path("detail").asText(), "");
      message.set("id", id);
      message.put("status", answer.status());
      answer
          .body()
          .properties()
          .forEach(
              each -> {
                if (!List.of("type", "title", "status", "detail").contains(each.getKey())) {
                  message.set(each.getKey(), each.getValue());
                }
              });
      send(message);
    } else {
      var message = Messages.of("ack");
      message.set("id", id);
      message.put("command", command);
      message.set("result", answer.body());
      if (ownChanges != null) {
        message.set("changes", ownChanges);
      }
      send(message);
    }
    ownChanges = null;
    ownDelta = null;
    var later = held;
    held = null;
    if (later != null && !isBehind) {
      later.forEach(this::offer);
    }
  }

  private static String code(JsonNode problem) {
    var type = problem.path("type").asText();
    return type.substring(type.lastIndexOf(':') + 1);
  }

  /**
   * Whether the client must get the whole state now: it was slow and has read all. Closes the
   * socket of a client that is slow for too long.
   */
  synchronized boolean mustSync() {
    if (!isBehind) {
      return false;
    }
    var hasReadAll = socket.outbox().depth() == 0;
    if (!hasReadAll && nanoTime.getAsLong() - behindSince > BEHIND_NANOS_MAX) {
      socket.outbox().close(CloseCodes.OVERLOAD, "the client reads too slowly", null);
    }
    return hasReadAll;
  }

  boolean isClosing() {
    return isClosing;
  }

  /** From now on nothing is sent. */
  void end() {
    isClosing = true;
  }
}
