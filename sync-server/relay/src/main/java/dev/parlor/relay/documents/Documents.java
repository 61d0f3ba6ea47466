package dev.parlor.relay.documents;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.relay.admission.DocumentPolicy;
import dev.parlor.relay.config.DocumentApiLimits;
import dev.parlor.relay.document.DocumentDirectory;
import dev.parlor.relay.document.SnapshotCodec;
import dev.parlor.relay.documents.DocumentFault.Kind;
import dev.parlor.relay.storage.ChangeStore;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;

/**
 * The documents that are not rooms, for backends. A read has every change that was admitted before
 * the call, and only changes that are on disk. All methods block; safe from any thread. The caller
 * has checked the permission.
 */
public final class Documents implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final DocumentDirectory directory;
  private final DocumentPolicy rooms;
  private final DocumentApiLimits limits;
  private final DocumentReads reads;
  private final ReadThreads threads;

  /**
   * @param store the store of the documents
   * @param rooms the documents that need a scope, which do not exist for this API
   */
  public Documents(
      ChangeStore store,
      SnapshotCodec snapshots,
      DocumentDirectory directory,
      DocumentPolicy rooms,
      DocumentApiLimits limits) {
    this.directory = directory;
    this.rooms = rooms;
    this.limits = limits;
    this.reads = new DocumentReads(store, snapshots);
    this.threads = new ReadThreads(Duration.ofMillis(limits.waitMillisMax()));
  }

  /** The forms in which a document is read. */
  public enum Form {
    /** JSON with the values only. */
    PLAIN,
    /** JSON with the type of each value, marks and conflicts. */
    TYPED,
    /** An {@code .automerge} file with the history. */
    FILE
  }

  /**
   * A document that was read.
   *
   * @param heads its heads, ascending
   */
  public record ReadDocument(List<ChangeHash> heads, Bytes body) {
    public ReadDocument {
      heads = List.copyOf(heads);
    }
  }

  /** Whether the document exists and is no room. Its changes are on disk then. */
  public boolean exists(DocumentId document) {
    if (rooms.needsScope(document)) {
      return false;
    }
    flush(document);
    return reads.exists(document);
  }

  /**
   * Reads a document.
   *
   * @param heads the state to read; empty for the newest
   * @param known a state that the caller has; if it is the state to read, the body is empty
   * @throws DocumentFault if there is no such document, or no such state
   */
  public ReadDocument read(
      DocumentId document, Form form, List<ChangeHash> heads, KnownState known) {
    require(document);
    return threads.run(
        () -> {
          var stored = reads.stored(document);
          var newest = reads.history(document, stored);
          var state = heads.isEmpty() ? newest : newest.at(heads);
          if (known.isKnown(state.heads())) {
            return new ReadDocument(state.heads(), Bytes.EMPTY);
          }
          var body =
              switch (form) {
                case PLAIN -> write(JsonForm.plain(state.content(limits.operationsMax()).root()));
                case TYPED -> write(JsonForm.typed(state.content(limits.operationsMax()).root()));
                case FILE ->
                    state == newest
                        ? DocumentFile.ofNewest(stored, newest)
                        : DocumentFile.of(state);
              };
          return new ReadDocument(state.heads(), body);
        });
  }

  /** Whether the caller has the state at these heads. */
  @FunctionalInterface
  public interface KnownState {
    boolean isKnown(List<ChangeHash> heads);
  }

  private Bytes write(JsonNode json) {
    var out = new BoundedOutput(limits.answerBytesMax());
    try {
      JSON.writeValue(out, json);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a document is not JSON", e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return Bytes.wrap(out.toByteArray());
  }

  private static final class BoundedOutput extends ByteArrayOutputStream {
    private final int bytesMax;

    BoundedOutput(int bytesMax) {
      this.bytesMax = bytesMax;
    }

    @Override
    public synchronized void write(byte[] bytes, int offset, int length) {
      if (count + (long) length > bytesMax) {
        throw DocumentFault.of(
            Kind.TOO_LARGE,
            "document-too-large",
            "the document has more than "
                + bytesMax
                + " bytes as JSON; it is available as an .automerge file only");
      }
      super.write(bytes, offset, length);
    }
  }

  /** Fails unless the document exists; waits until its changes are on disk. */
  private void require(DocumentId document) {
    if (!exists(document)) {
      throw DocumentFault.notFound();
    }
  }

  private void flush(DocumentId document) {
    threads.await(directory.flush(document));
  }

  @Override
  public void close() {
    threads.close();
  }
}
