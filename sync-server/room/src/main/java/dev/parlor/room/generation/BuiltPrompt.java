package dev.parlor.room.generation;

import dev.parlor.model.ModelRequest;
import dev.parlor.room.schema.Lock;
import dev.parlor.room.schema.Problem;
import dev.parlor.room.schema.RoomView;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A model request for a lock, with the data for its record and its preview. It contains the cards
 * as they were when the server read the lock.
 *
 * @param text the prompt as shown to users
 * @param cards ids of the cards that the prompt contains
 * @param problems cards that were left out, with the reason
 * @param limitedBy source of the token limit, "card" or "setting"; null without a limit
 * @param omitted number of earlier pairs of question and answer that were left out for length
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

  /** The token limit sent to the model, or null. */
  @Nullable Long tokensMax() {
    return call.tokensMax().isPresent() ? (Long) (long) call.tokensMax().getAsInt() : null;
  }

  /** Builds the model request; pure. */
  @FunctionalInterface
  interface Preparation {
    BuiltPrompt prepare(Lock lock, RoomView room);

    /** The reason why the request cannot be answered in the present room, as a sentence. */
    default Optional<String> refusalReason(Lock lock, RoomView room) {
      return Optional.empty();
    }
  }

  /** UTF-16 units of all messages. */
  int promptChars() {
    return call.messages().stream().mapToInt(message -> message.content().length()).sum();
  }
}
