package dev.parlor.room.schema;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A waiting request in {@code generation/queue}. Only the server writes the queue.
 *
 * @param at time at which the server accepted the request, in milliseconds since 1970
 * @param after the request whose answer this one follows, empty for a fresh start
 * @param attach the attachments: notes without their words, and the beginnings of quoted texts
 * @param chat the id of the chat entry that asks, or null
 */
public record Queued(
    String request,
    String by,
    long at,
    String query,
    List<String> cards,
    String after,
    State state,
    List<Attachment> attach,
    @Nullable String chat) {
  public Queued {
    cards = List.copyOf(cards);
    attach = List.copyOf(attach);
  }

  /** Whether a waiting request starts by itself. */
  public enum State implements Named {
    WAITING("waiting"),

    /** Its author was offline when it was written: it waits until the author confirms it. */
    OLD("old");

    private final String wire;

    State(String wire) {
      this.wire = wire;
    }

    @Override
    public String wire() {
      return wire;
    }
  }
}
