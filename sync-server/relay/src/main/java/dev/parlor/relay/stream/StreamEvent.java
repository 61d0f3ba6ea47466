package dev.parlor.relay.stream;

import dev.parlor.crdt.identity.ActorId;
import dev.parlor.crdt.identity.ChangeHash;
import java.util.List;

/** An event of a stream. */
public sealed interface StreamEvent {

  /**
   * The state at which the stream begins.
   *
   * @param heads the present heads
   */
  record Ready(List<ChangeHash> heads) implements StreamEvent {
    public Ready {
      heads = List.copyOf(heads);
    }
  }

  /**
   * Changes since the event before, all on disk.
   *
   * @param heads the heads with these changes
   * @param actors the authors of the changes, ascending; a limited number
   * @param changes the number of the changes
   */
  record Changed(List<ChangeHash> heads, List<ActorId> actors, int changes) implements StreamEvent {
    public Changed {
      heads = List.copyOf(heads);
      actors = List.copyOf(actors);
    }
  }

  /**
   * The server cannot tell the changes since the position of the client, which must read the
   * document again.
   *
   * @param heads the present heads
   */
  record Reload(List<ChangeHash> heads) implements StreamEvent {
    public Reload {
      heads = List.copyOf(heads);
    }
  }

  /** The document was deleted; the stream ends. */
  record Deleted() implements StreamEvent {}

  /**
   * The stream ends.
   *
   * @param reason a word for programs
   */
  record Ended(String reason) implements StreamEvent {}

  /** Nothing happened for some time. */
  record Idle() implements StreamEvent {}
}
