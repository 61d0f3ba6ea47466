package dev.parlor.room.generation;

import dev.parlor.model.Endpoint.Price;
import dev.parlor.model.ModelEvent;
import dev.parlor.room.schema.CallInfo;
import dev.parlor.room.schema.Result.Usage;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Collects the facts about the call of one run: its endpoint, notes and thoughts. */
final class CallDetails {
  private final String requestedModel;
  private final StringBuilder thoughts = new StringBuilder();
  private final List<String> notes = new ArrayList<>();
  private ModelEvent.@Nullable Asked asked;
  private long thoughtsLength;

  /**
   * @param requestedModel the model that the result names
   */
  CallDetails(String requestedModel) {
    this.requestedModel = requestedModel;
  }

  /** Adds an event; returns whether the peers should hear of it. */
  boolean add(ModelEvent event) {
    return switch (event) {
      case ModelEvent.Asked next -> {
        asked = next;
        yield true;
      }
      case ModelEvent.Note note -> {
        notes.add(note.sentence());
        yield true;
      }
      case ModelEvent.Thought thought -> {
        boolean isFirst = thoughtsLength == 0;
        addThoughts(thought.text());
        yield isFirst;
      }
      case ModelEvent.Retry _, ModelEvent.TextWasThoughts _ -> true;
      case ModelEvent.Delta _, ModelEvent.Done _, ModelEvent.Failed _ -> false;
    };
  }

  void addThoughts(String text) {
    thoughtsLength += text.length();
    int room = CallInfo.THOUGHTS_LENGTH_MAX - thoughts.length();
    thoughts.append(text, 0, Math.min(room, text.length()));
  }

  /** UTF-16 units of all thoughts, for the estimate of tokens. */
  int thoughtsLength() {
    return (int) Math.min(Integer.MAX_VALUE / 2, thoughtsLength);
  }

  /** The usage with the facts about the call. */
  Usage of(Usage usage) {
    if (asked == null) {
      return usage;
    }
    String model = asked.model().name();
    Optional<Price> price = asked.model().price();
    return usage.withCall(
        new CallInfo(
            asked.endpoint(),
            model.equals(requestedModel) ? null : model,
            price.isPresent()
                ? (Long) price.get().micros(usage.promptTokens(), usage.completionTokens())
                : null,
            thoughts.isEmpty() ? null : thoughts.toString(),
            notes));
  }
}
