package dev.parlor.room.generation;

import dev.parlor.model.ModelEvent;
import dev.parlor.room.schema.Ending;
import dev.parlor.room.schema.QueueCommand;
import dev.parlor.room.schema.Result.Usage;
import dev.parlor.room.schema.RoomView;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The inputs of {@link GenerationState}. */
sealed interface GenerationInput {

  /** The document has changed, or it is read again after {@link GenerationEffect.ObserveLater}. */
  record Observed(GenerationSnapshot snapshot) implements GenerationInput {}

  /**
   * The grant of this epoch is on disk, or storing it failed.
   *
   * @param problem reason of the failure, as a sentence for users; null if the grant is on disk
   */
  record GrantStored(long epoch, @Nullable String problem) implements GenerationInput {}

  /** The final records of these requests are on disk, or storing them failed. */
  record FinalStored(List<String> requests) implements GenerationInput {
    public FinalStored {
      requests = List.copyOf(requests);
    }
  }

  /**
   * The model sent text in the run of this epoch.
   *
   * @param text may be empty
   * @param news what happened before the text: another endpoint, a note, thoughts
   */
  record Text(long epoch, String text, List<ModelEvent> news) implements GenerationInput {
    public Text {
      news = List.copyOf(news);
    }

    Text(long epoch, String text) {
      this(epoch, text, List.of());
    }
  }

  /**
   * The model's answer is complete.
   *
   * @param detail the provider's text about the ending; empty without one
   */
  record Answered(long epoch, Optional<Usage> usage, Ending ending, String detail)
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

  /** The accepted request is on disk, or storing it failed. */
  record RequestStored(String request, boolean failed) implements GenerationInput {}

  /** A command for the queue that did not come through the document. */
  record Commanded(QueueCommand command, RoomView room) implements GenerationInput {}

  /**
   * A pause is over.
   *
   * @param until the end of the pause for which the timer was set
   */
  record PauseOver(long until) implements GenerationInput {}

  /** The document right after a {@link GenerationEffect.ReadBack}. */
  record ReadBack(GenerationSnapshot snapshot) implements GenerationInput {}

  /** The server is stopping: the runs end with the text so far, and no other request starts. */
  record Interrupted(String reason) implements GenerationInput {}

  /** This node is stopping: the runs go on, and no other request starts here. */
  record HandingOver() implements GenerationInput {}

  /** A timer has fired, see {@link GenerationEffect.SetTimer}. */
  record TimerFired(long epoch, Timer timer) implements GenerationInput {}

  /** The timers of a run. */
  enum Timer {
    /** Broadcast the text that is not broadcast yet. */
    DELTA,
    /** Write the text that is not written yet to the document. */
    FLUSH,
    /** End the run, since its lease has expired. */
    LEASE
  }
}
