package dev.parlor.room.generation;

import dev.parlor.model.ModelRequest;
import dev.parlor.room.schema.FoldedPrompt;
import dev.parlor.room.schema.Lock;
import dev.parlor.room.schema.Problem;
import dev.parlor.room.schema.RoomView;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * A folded prompt for a lock, with the data for its record and its preview. It contains the cards
 * and notes as they were when the server accepted the request. The ledger stores it as JSON while
 * the request waits.
 *
 * @param text the prompt as shown to users
 * @param tokensMax the token limit sent to the model, or null
 * @param cards ids of the cards that the prompt contains
 * @param problems cards that were left out, with the reason
 * @param limitedBy source of the token limit, "card", "setting" or "model"; null without a limit
 * @param omitted number of earlier pairs of question and answer that were left out for length
 */
record BuiltPrompt(
    String model,
    List<FoldedPrompt.Message> messages,
    @Nullable Integer tokensMax,
    String text,
    List<String> cards,
    List<Problem> problems,
    @Nullable String limitedBy,
    int omitted) {
  BuiltPrompt {
    messages = List.copyOf(messages);
    cards = List.copyOf(cards);
    problems = List.copyOf(problems);
  }

  /** Stands for the prompt of a request that only the document shows. */
  static final BuiltPrompt UNKNOWN =
      new BuiltPrompt("", List.of(), null, "", List.of(), List.of(), null, 0);

  /** The path of the problem about images that the model does not take. */
  static final String IMAGES = "images";

  /** The content ids of the images of all messages, each once, in order. */
  List<String> images() {
    return messages.stream().flatMap(message -> message.images().stream()).distinct().toList();
  }

  /** This prompt without its images, for a model that takes none. A problem counts them. */
  BuiltPrompt withoutImages() {
    int count = messages.stream().mapToInt(message -> message.images().size()).sum();
    List<FoldedPrompt.Message> words =
        messages.stream()
            .map(message -> new FoldedPrompt.Message(message.role(), message.content()))
            .toList();
    List<Problem> all = new ArrayList<>(problems);
    if (count > 0) {
      String left = count == 1 ? "1 image is left out" : count + " images are left out";
      all.add(new Problem(IMAGES, "the model " + model + " takes no images: " + left));
    }
    return new BuiltPrompt(model, words, tokensMax, text, cards, all, limitedBy, omitted);
  }

  /** The sentence about images that the model does not take; empty without one. */
  Optional<String> imagesProblem() {
    return problems.stream()
        .filter(problem -> problem.path().equals(IMAGES))
        .map(Problem::message)
        .findFirst();
  }

  /** The model's request without images. */
  ModelRequest call() {
    return call(PromptImages.Loaded.NONE);
  }

  /** The model's request with the images that were found. */
  ModelRequest call(PromptImages.Loaded loaded) {
    return new ModelRequest(
        model,
        messages.stream()
            .map(
                message ->
                    new ModelRequest.Message(
                        message.role(),
                        message.content(),
                        message.images().stream()
                            .map(loaded.byId()::get)
                            .filter(Objects::nonNull)
                            .toList()))
            .toList(),
        tokensMax == null ? OptionalInt.empty() : OptionalInt.of(tokensMax));
  }

  /** The token limit as a long, or null. */
  @Nullable Long tokensMaxLong() {
    return tokensMax == null ? null : (Long) (long) tokensMax;
  }

  BuiltPrompt withMessages(List<FoldedPrompt.Message> other, int pairsOmitted) {
    return new BuiltPrompt(model, other, tokensMax, text, cards, problems, limitedBy, pairsOmitted);
  }

  /** Builds prompts; pure. */
  @FunctionalInterface
  interface Preparation {
    BuiltPrompt prepare(Lock lock, RoomView room);

    /** The prompt with the present answers of its path [GE9]. */
    default BuiltPrompt withPresentPath(BuiltPrompt prepared, Lock lock, RoomView room) {
      return prepared;
    }

    /** The reason why the request cannot be answered in the present room, as a sentence. */
    default Optional<String> refusalReason(Lock lock, RoomView room) {
      return Optional.empty();
    }
  }

  /** UTF-16 units of all messages. */
  int promptChars() {
    return messages.stream().mapToInt(message -> message.content().length()).sum();
  }
}
