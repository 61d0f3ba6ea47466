package dev.parlor.server.generation;

import dev.parlor.crdt.room.Ending;
import dev.parlor.crdt.room.Result.Usage;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What happens to {@link GenerationState}. */
sealed interface GenerationInput {

  /** The document has changed, or is to be looked at again. */
  record Observed(GenerationSnapshot sight) implements GenerationInput {}

  /** The grant of this epoch is on disk, or {@code problem} says why it is not. */
  record Stored(long epoch, @Nullable String problem) implements GenerationInput {}

  /** The final records of these requests are on disk, or could not be put there. */
  record Sealed(List<String> requests) implements GenerationInput {
    public Sealed {
      requests = List.copyOf(requests);
    }
  }

  /** The model said something in the run of this epoch. */
  record Text(long epoch, String text) implements GenerationInput {}

  /**
   * The model's answer is over.
   *
   * @param said words of the provider that belong to the ending, else empty
   */
  record Answered(long epoch, Optional<Usage> usage, Ending ending, String said)
      implements GenerationInput {
    Answered(long epoch, Optional<Usage> usage) {
      this(epoch, usage, Ending.COMPLETE, "");
    }
  }

  /** The call failed, at the start or in the middle. */
  record CallFailed(long epoch, String reason, Ending ending) implements GenerationInput {
    CallFailed(long epoch, String reason) {
      this(epoch, reason, Ending.ERROR);
    }
  }

  /** What the document says right after a {@link GenerationEffect.ReadBack}. */
  record ReadBack(GenerationSnapshot sight) implements GenerationInput {}

  /** The server is about to stop: the run ends here, with the part that came. */
  record Interrupted(String reason) implements GenerationInput {}

  /** Time to look at what was put off, see {@link GenerationEffect.Wake}. */
  record Woken(long epoch, Alarm alarm) implements GenerationInput {}

  /** What a wake-up is for. */
  enum Alarm {
    DELTA,
    FLUSH,
    LEASE
  }
}
