package dev.parlor.room.generation;

import dev.parlor.crdt.replica.Edit;
import dev.parlor.model.ModelEvent;
import dev.parlor.model.ModelRequest;
import dev.parlor.room.schema.Paused;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The effects of a step of {@link GenerationState}; run in list order. */
sealed interface GenerationEffect {

  /**
   * Store the epoch and the record of a grant on disk. Then step with {@link
   * GenerationInput.GrantStored}.
   */
  record StoreGrant(long epoch, RunRecord record) implements GenerationEffect {}

  /**
   * Store a request that waits, and the order of the queue. Then step with {@link
   * GenerationInput.RequestStored}.
   */
  record StoreRequest(QueuedRequest request, StoredQueue.Order order) implements GenerationEffect {}

  /** Store the order of the queue; no step waits for it. */
  record StoreOrder(StoredQueue.Order order) implements GenerationEffect {}

  /** Publish that a request waits, or that its place has changed. */
  record Queued(QueuedRequest request, int place) implements GenerationEffect {}

  /** Publish that the queue is paused, or that it goes on. */
  record PauseChanged(@Nullable Paused paused, String by) implements GenerationEffect {}

  /** Step with {@link GenerationInput.PauseOver} after this time. */
  record SetPauseTimer(long until, long afterMillis) implements GenerationEffect {}

  /** Store final records on disk. Then step with {@link GenerationInput.FinalStored}. */
  record StoreFinal(List<RunRecord> records) implements GenerationEffect {
    public StoreFinal {
      records = List.copyOf(records);
    }
  }

  /** Store the answer so far on disk; no step waits for it. */
  record StoreProgress(RunRecord record) implements GenerationEffect {}

  /** Write the edits to the document as one change. */
  record Write(List<Edit> edits) implements GenerationEffect {
    public Write {
      edits = List.copyOf(edits);
    }
  }

  /** Call the model. An epoch has at most one call. */
  record Call(long epoch, BuiltPrompt prompt) implements GenerationEffect {
    /** The request without the bytes of its images. */
    ModelRequest request() {
      return prompt.call();
    }
  }

  /** Cancel the model call of this epoch. */
  record Cancel(long epoch) implements GenerationEffect {}

  /**
   * Broadcast the next piece of the answer to all peers.
   *
   * @param index the number of UTF-16 units of the answer before this piece
   */
  record Broadcast(RunRecord run, int index, String text) implements GenerationEffect {}

  /** The call of a run has news: tell all peers. */
  record CallNews(RunRecord run, ModelEvent event) implements GenerationEffect {}

  /** A run has started: publish the event. */
  record Started(RunRecord record) implements GenerationEffect {}

  /** The document now has the final result of a request: publish the event. */
  record ResultShown(RunRecord record) implements GenerationEffect {}

  /** Step with {@link GenerationInput.TimerFired} after this time. */
  record SetTimer(long epoch, GenerationInput.Timer timer, long afterMillis)
      implements GenerationEffect {}

  /** Read the document again after this time, even if it has not changed. */
  record ObserveLater(long afterMillis) implements GenerationEffect {}

  /** Read the values that were just written. Step with {@link GenerationInput.ReadBack} at once. */
  record ReadBack() implements GenerationEffect {}

  /**
   * The document does not keep these values as written; the server leaves them as they read back.
   */
  record RepairGivenUp(List<String> paths) implements GenerationEffect {
    public RepairGivenUp {
      paths = List.copyOf(paths);
    }
  }

  /** A peer wrote values that only the server may write; the server has restored them. */
  record Forged(List<String> paths) implements GenerationEffect {
    public Forged {
      paths = List.copyOf(paths);
    }
  }
}
