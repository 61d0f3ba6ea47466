package dev.parlor.room.schema;

import dev.parlor.crdt.identity.Texts;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The call of a model that gave a result.
 *
 * @param endpoint the name of the endpoint that answered
 * @param model the model that answered, if it is not the model of the result; otherwise null
 * @param costMicros the cost in millionths of a US dollar; null if the model has no price
 * @param thoughts the model's thoughts, cut after {@link #THOUGHTS_LENGTH_MAX} characters; null
 *     without thoughts
 * @param notes sentences for people, for example that another endpoint was asked first
 */
public record CallInfo(
    String endpoint,
    @Nullable String model,
    @Nullable Long costMicros,
    @Nullable String thoughts,
    List<String> notes) {
  /** Characters of the thoughts that a result keeps; above: the rest is dropped. */
  public static final int THOUGHTS_LENGTH_MAX = 20_000;

  /** Notes that a result keeps; above: the later ones are dropped. */
  public static final int NOTES_MAX = 8;

  public CallInfo {
    endpoint = Texts.wellFormed(endpoint);
    model = model == null ? null : Texts.wellFormed(model);
    thoughts = thoughts == null ? null : Texts.wellFormed(thoughts);
    notes = notes.stream().limit(NOTES_MAX).map(Texts::wellFormed).toList();
  }
}
