package dev.parlor.server.generation;

import dev.parlor.crdt.replica.Edit;
import dev.parlor.model.ModelRequest;
import java.util.List;

/** What {@link GenerationState} asks for; run in list order. */
sealed interface GenerationEffect {

  /** Put epoch and record on disk, then answer with {@link GenerationInput.Stored}. */
  record Store(long epoch, RunRecord record) implements GenerationEffect {}

  /** Put final records on disk, then answer with {@link GenerationInput.Sealed}. */
  record Seal(List<RunRecord> records) implements GenerationEffect {
    public Seal {
      records = List.copyOf(records);
    }
  }

  /** Put the part so far on disk; nobody waits for it. */
  record Keep(RunRecord record) implements GenerationEffect {}

  /** Change the document, as one change. */
  record Write(List<Edit> edits) implements GenerationEffect {
    public Write {
      edits = List.copyOf(edits);
    }
  }

  /** Call the model, once for an epoch. */
  record Call(long epoch, ModelRequest request) implements GenerationEffect {}

  /** End the call of this epoch at the provider. */
  record Cancel(long epoch) implements GenerationEffect {}

  /** Tell everybody the next piece; {@code index} counts the UTF-16 units before it. */
  record Tell(RunRecord run, int index, String text) implements GenerationEffect {}

  /** A run began. */
  record Started(RunRecord record) implements GenerationEffect {}

  /** A request has its final result, in the document as well. */
  record Settled(RunRecord record) implements GenerationEffect {}

  /** Answer with {@link GenerationInput.Woken} after that time. */
  record Wake(long epoch, GenerationInput.Alarm alarm, long afterMillis)
      implements GenerationEffect {}

  /** Look at the document again after that time. */
  record LookAgain(long afterMillis) implements GenerationEffect {}

  /** Read what was just written and answer with {@link GenerationInput.ReadBack}, at once. */
  record ReadBack() implements GenerationEffect {}

  /**
   * Values that the document does not keep as they were written; they are left as they read back.
   */
  record GivenUp(List<String> paths) implements GenerationEffect {
    public GivenUp {
      paths = List.copyOf(paths);
    }
  }

  /** Somebody wrote what only this server may write; it has been put right. */
  record Forged(List<String> paths) implements GenerationEffect {
    public Forged {
      paths = List.copyOf(paths);
    }
  }
}
