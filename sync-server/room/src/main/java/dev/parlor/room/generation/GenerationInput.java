package dev.parlor.room.generation;

import dev.parlor.room.schema.Ending;
import dev.parlor.room.schema.Result.Usage;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The inputs of {@link GenerationState}. */
sealed interface GenerationInput {

  /** The document has changed, or a requested reading is due. */
  record Observed(GenerationSnapshot snapshot) implements GenerationInput {}

  /** The grant of this epoch is on disk. Otherwise {@code problem} says why not. */
  record Stored(long epoch, @Nullable String problem) implements GenerationInput {}

  /** The final records of these requests are on disk, or storing them failed. */
  record Sealed(List<String> requests) implements GenerationInput {
    public Sealed {
      requests = List.copyOf(requests);
    }
  }

  /** The model sent text in the run of this epoch. */
  record Text(long epoch, String text) implements GenerationInput {}

  /**
   * The model's answer is complete.
   *
   * @param said the provider's words about the ending, else empty
   */
  record Answered(long epoch, Optional<Usage> usage, Ending ending, String said)
      implements GenerationInput {
    Answered(long epoch, Optional<Usage> usage) {
      this(epoch, usage, Ending.COMPLETE, "");
    }
  }

  /** The call failed at the start or during the answer. */
  record CallFailed(long epoch, String reason, Ending ending) implements GenerationInput {
    CallFailed(long epoch, String reason) {
      this(epoch, reason, Ending.ERROR);
    }
  }

  /** The document right after a {@link GenerationEffect.ReadBack}. */
  record ReadBack(GenerationSnapshot snapshot) implements GenerationInput {}

  /** The server is stopping: the run ends with the text so far. */
  record Interrupted(String reason) implements GenerationInput {}

  /** A delayed action is due, see {@link GenerationEffect.Wake}. */
  record Woken(long epoch, Alarm alarm) implements GenerationInput {}

  /** The purpose of a wake-up. */
  enum Alarm {
    DELTA,
    FLUSH,
    LEASE
  }
}
