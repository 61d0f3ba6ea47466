package dev.parlor.room.generation;

import dev.parlor.room.limits.ServiceLimits;
import dev.parlor.room.schema.AnswerPath;
import dev.parlor.room.schema.Card;
import dev.parlor.room.schema.FoldedPrompt;
import dev.parlor.room.schema.Lock;
import dev.parlor.room.schema.PromptFold;
import dev.parlor.room.schema.RoomLimits;
import dev.parlor.room.schema.RoomView;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.ToIntFunction;

/**
 * Builds the prompt from the cards and attachments that a lock names and from the answers that it
 * follows. The preview uses this class too, so it shows the real request. A token limit is sent
 * only if a card or the server's setting has one, or if the endpoint requires one. Its number is
 * sent unchanged.
 *
 * <p>The cards and notes are read when the server accepts the request. A later edit has no effect.
 */
final class PromptBuilder implements BuiltPrompt.Preparation {
  private final String modelDefault;
  private final Set<String> modelsAllowed;
  private final ServiceLimits.Model limits;
  private final ToIntFunction<String> contextTokens;
  private final Function<String, OptionalInt> requiredTokens;
  private final Predicate<String> takesImages;

  /**
   * @param modelDefault the model of rooms whose settings name no model
   * @param contextTokens the context of a model; 0 if it is unknown
   * @param requiredTokens the limit that a model's endpoint requires in every request
   * @param takesImages whether a model takes images
   */
  PromptBuilder(
      String modelDefault,
      Set<String> modelsAllowed,
      ServiceLimits.Model limits,
      ToIntFunction<String> contextTokens,
      Function<String, OptionalInt> requiredTokens,
      Predicate<String> takesImages) {
    this.takesImages = takesImages;
    this.modelDefault = modelDefault;
    this.modelsAllowed = Set.copyOf(modelsAllowed);
    this.limits = limits;
    this.contextTokens = contextTokens;
    this.requiredTokens = requiredTokens;
  }

  /** Without endpoints that require a limit or take no images. */
  PromptBuilder(
      String modelDefault,
      Set<String> modelsAllowed,
      ServiceLimits.Model limits,
      ToIntFunction<String> contextTokens) {
    this(modelDefault, modelsAllowed, limits, contextTokens, _ -> OptionalInt.empty(), _ -> true);
  }

  private static Optional<String> roomModel(RoomView room) {
    return Optional.ofNullable(room.settings().model()).filter(name -> !name.isBlank());
  }

  @Override
  public Optional<String> refusalReason(Lock lock, RoomView room) {
    return roomModel(room)
        .filter(name -> !name.equals(modelDefault) && !modelsAllowed.contains(name))
        .map(_ -> "this server does not offer the room's model")
        .or(() -> foldedReason(fold(lock, room)));
  }

  private static Optional<String> foldedReason(FoldedPrompt folded) {
    return folded.images().size() > RoomLimits.IMAGES_MAX
        ? Optional.of(
            "the stack and the question have "
                + folded.images().size()
                + " images; at most "
                + RoomLimits.IMAGES_MAX
                + " go to the model; mute an image card or remove an attachment")
        : tooLongReason(folded.text());
  }

  /**
   * The reason why a prompt is too long; empty if it is not. The document stores the prompt as one
   * string, whose length is limited.
   */
  private static Optional<String> tooLongReason(String prompt) {
    return prompt.length() <= RoomLimits.PROMPT_LENGTH_MAX
        ? Optional.empty()
        : Optional.of(
            "the cards and the system prompt have "
                + prompt.length()
                + " characters together; at most "
                + RoomLimits.PROMPT_LENGTH_MAX
                + " fit");
  }

  /** Folds the request without the answers that it follows. */
  private static FoldedPrompt fold(Lock lock, RoomView room) {
    List<Card> cards = room.cards().stream().filter(c -> lock.cards().contains(c.id())).toList();
    return PromptFold.fold(cards, lock.attach(), lock.query(), room.settings(), AnswerPath.NONE);
  }

  @Override
  public BuiltPrompt prepare(Lock lock, RoomView room) {
    return prepareFrozen(lock.frozen(room), room);
  }

  /** Prepares a request whose attachments have their words. */
  BuiltPrompt prepareFrozen(Lock lock, RoomView room) {
    FoldedPrompt folded = fold(lock, room);
    String model = roomModel(room).filter(modelsAllowed::contains).orElse(modelDefault);
    Integer tokensMax = null;
    String limitedBy = null;
    if (folded.tokensMax().isPresent()) {
      tokensMax = folded.tokensMax().getAsInt();
      limitedBy = "card";
    } else if (limits.tokensDefault() > 0) {
      tokensMax = limits.tokensDefault();
      limitedBy = "setting";
    } else if (requiredTokens.apply(model).isPresent()) {
      tokensMax = requiredTokens.apply(model).getAsInt();
      limitedBy = "model";
    }
    BuiltPrompt withoutPath =
        new BuiltPrompt(
            model,
            folded.messages(),
            tokensMax,
            folded.text(),
            folded.cardsUsed(),
            folded.problems(),
            limitedBy,
            0);
    return lock.after().isEmpty() ? fitting(withoutPath) : withPresentPath(withoutPath, lock, room);
  }

  @Override
  public BuiltPrompt withPresentPath(BuiltPrompt prepared, Lock lock, RoomView room) {
    if (lock.after().isEmpty()) {
      return prepared;
    }
    long fixedLength =
        prepared.text().length() + (long) prepared.messages().getLast().content().length();
    Integer tokensMax = prepared.tokensMax();
    long budget =
        PromptFold.budget(
            contextTokens.applyAsInt(prepared.model()),
            fixedLength,
            tokensMax == null ? 0 : tokensMax);
    AnswerPath path = AnswerPath.of(room, lock.after(), budget);
    return fitting(
        prepared.withMessages(PromptFold.withPath(prepared.messages(), path), path.omitted()));
  }

  /** The prompt without images if its model takes none [PF13]. */
  private BuiltPrompt fitting(BuiltPrompt built) {
    return takesImages.test(built.model()) ? built : built.withoutImages();
  }
}
