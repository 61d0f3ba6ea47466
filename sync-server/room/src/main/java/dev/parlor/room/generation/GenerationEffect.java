package dev.parlor.room.generation;

import dev.parlor.crdt.replica.Edit;
import dev.parlor.model.ModelRequest;
import java.util.List;

/** The effects of a step of {@link GenerationState}; run in list order. */
sealed interface GenerationEffect {

  /** Store epoch and record on disk, then answer with {@link GenerationInput.Stored}. */
  record Store(long epoch, RunRecord record) implements GenerationEffect {}

  /** Store final records on disk, then answer with {@link GenerationInput.Sealed}. */
  record Seal(List<RunRecord> records) implements GenerationEffect {
    public Seal {
      records = List.copyOf(records);
    }
  }

  /** Store the answer so far on disk; no step waits for it. */
  record Keep(RunRecord record) implements GenerationEffect {}

  /** Write the edits to the document as one change. */
  record Write(List<Edit> edits) implements GenerationEffect {
    public Write {
      edits = List.copyOf(edits);
    }
  }

  /** Call the model, once for an epoch. */
  record Call(long epoch, ModelRequest request) implements GenerationEffect {}

  /** Cancel the provider's call of this epoch. */
  record Cancel(long epoch) implements GenerationEffect {}

  /** Broadcast the next piece; {@code index} is the number of UTF-16 units before it. */
  record Tell(RunRecord run, int index, String text) implements GenerationEffect {}

  /** A run began. */
  record Started(RunRecord record) implements GenerationEffect {}

  /** The document now has the final result of a request. */
  record Settled(RunRecord record) implements GenerationEffect {}

  /** Answer with {@link GenerationInput.Woken} after this time. */
  record Wake(long epoch, GenerationInput.Alarm alarm, long afterMillis)
      implements GenerationEffect {}

  /** Read the document again after this time. */
  record LookAgain(long afterMillis) implements GenerationEffect {}

  /** Read the values just written, and answer with {@link GenerationInput.ReadBack} at once. */
  record ReadBack() implements GenerationEffect {}

  /**
   * The document does not keep these values as written; the server leaves them as they read back.
   */
  record GivenUp(List<String> paths) implements GenerationEffect {
    public GivenUp {
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
