package dev.parlor.server.generation;

import dev.parlor.crdt.room.Lock;
import dev.parlor.crdt.room.RoomView;
import dev.parlor.model.ModelRequest;
import java.util.List;
import java.util.Optional;

/**
 * A request made ready for the model, with the cards as they were when the server saw the lock.
 *
 * @param text the prompt as people read it
 * @param cards the ids of the cards that shaped it
 */
record Prepared(ModelRequest call, String model, String text, List<String> cards) {
  Prepared {
    cards = List.copyOf(cards);
  }

  /** Makes a request ready; pure. */
  @FunctionalInterface
  interface Preparation {
    Prepared prepare(Lock lock, RoomView room);

    /** Why the room cannot be answered as it is set up, as a sentence. */
    default Optional<String> objection(RoomView room) {
      return Optional.empty();
    }
  }

  int promptChars() {
    return call.messages().stream().mapToInt(message -> message.content().length()).sum();
  }
}
