package dev.parlor.room.generation;

import dev.parlor.model.ModelRequest;
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

/**
 * Builds the model request from the cards that a lock names and from the answers that it follows.
 * The preview uses this class too, so it shows the real request. A token limit is sent only if a
 * card or the server's setting has one, and its number is sent unchanged.
 *
 * <p>The cards are read when the server sees the lock. A card played later is not in the lock, and
 * a later edit has no effect.
 */
final class PromptBuilder implements BuiltPrompt.Preparation {
  private final String modelDefault;
  private final Set<String> modelsAllowed;
  private final ServiceLimits.Model limits;

  /**
   * @param modelDefault the model of rooms whose settings name no model
   */
  PromptBuilder(String modelDefault, Set<String> modelsAllowed, ServiceLimits.Model limits) {
    this.modelDefault = modelDefault;
    this.modelsAllowed = Set.copyOf(modelsAllowed);
    this.limits = limits;
  }

  private static Optional<String> roomModel(RoomView room) {
    return Optional.ofNullable(room.settings().model()).filter(name -> !name.isBlank());
  }

  @Override
  public Optional<String> refusalReason(Lock lock, RoomView room) {
    return roomModel(room)
        .filter(name -> !name.equals(modelDefault) && !modelsAllowed.contains(name))
        .map(_ -> "this server does not offer the room's model")
        .or(() -> tooLongReason(fold(lock, room).text()));
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

  private static FoldedPrompt fold(Lock lock, RoomView room) {
    List<Card> cards = room.cards().stream().filter(c -> lock.cards().contains(c.id())).toList();
    return PromptFold.fold(cards, lock.query(), room.settings(), AnswerPath.of(room, lock.after()));
  }

  @Override
  public BuiltPrompt prepare(Lock lock, RoomView room) {
    FoldedPrompt folded = fold(lock, room);
    String model = roomModel(room).filter(modelsAllowed::contains).orElse(modelDefault);
    List<ModelRequest.Message> messages =
        folded.messages().stream()
            .map(message -> new ModelRequest.Message(message.role(), message.content()))
            .toList();
    OptionalInt tokensMax = folded.tokensMax();
    String limitedBy = tokensMax.isPresent() ? "card" : null;
    if (tokensMax.isEmpty() && limits.tokensDefault() > 0) {
      tokensMax = OptionalInt.of(limits.tokensDefault());
      limitedBy = "setting";
    }
    return new BuiltPrompt(
        new ModelRequest(model, messages, tokensMax),
        model,
        folded.text(),
        folded.cardsUsed(),
        folded.problems(),
        limitedBy,
        folded.omitted());
  }
}
