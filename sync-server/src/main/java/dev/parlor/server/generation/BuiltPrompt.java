package dev.parlor.server.generation;

import dev.parlor.crdt.room.Lock;
import dev.parlor.crdt.room.Problem;
import dev.parlor.crdt.room.RoomView;
import dev.parlor.model.ModelRequest;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A request made ready for the model, with the cards as they were when the server saw the lock.
 *
 * @param text the prompt as people read it
 * @param cards the ids of the cards that shaped it
 * @param problems cards that were left out, and why
 * @param limitedBy what asked for the limit on tokens, "card" or "setting"; null without one
 * @param omitted earlier pairs of question and answer that did not fit
 */
record BuiltPrompt(
    ModelRequest call,
    String model,
    String text,
    List<String> cards,
    List<Problem> problems,
    @Nullable String limitedBy,
    int omitted) {
  BuiltPrompt {
    cards = List.copyOf(cards);
    problems = List.copyOf(problems);
  }

  /** The limit that the model is sent, or null. */
  @Nullable Long tokensMax() {
    return call.tokensMax().isPresent() ? (Long) (long) call.tokensMax().getAsInt() : null;
  }

  /** Makes a request ready; pure. */
  @FunctionalInterface
  interface Preparation {
    BuiltPrompt prepare(Lock lock, RoomView room);

    /** Why the request cannot be answered in this room as it is, as a sentence. */
    default Optional<String> objection(Lock lock, RoomView room) {
      return Optional.empty();
    }
  }

  int promptChars() {
    return call.messages().stream().mapToInt(message -> message.content().length()).sum();
  }
}
