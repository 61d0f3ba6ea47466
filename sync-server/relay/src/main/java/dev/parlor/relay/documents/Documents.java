package dev.parlor.relay.documents;

import com.fasterxml.jackson.databind.JsonNode;
import dev.parlor.crdt.document.DocumentLimits;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.relay.admission.Caller;
import dev.parlor.relay.admission.DocumentPolicy;
import dev.parlor.relay.config.DocumentApiLimits;
import dev.parlor.relay.config.FixedLimits;
import dev.parlor.relay.document.DocumentDirectory;
import dev.parlor.relay.storage.ChangeStore;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;

/**
 * The documents that are not rooms, for backends. A read has every change that was admitted before
 * the call, and only changes that are on disk. A write returns when it is on disk. All methods
 * block; safe from any thread. The caller's permission was checked before.
 */
public final class Documents implements AutoCloseable {

  /**
   * The parts of the server that are used.
   *
   * @param store the store of the documents
   * @param isAvailable whether the store can take a new document with this id
   * @param rooms the documents that need a scope, which do not exist for this API
   * @param memoryIsFull whether the heap is nearly full, so that large work must be refused
   * @param storeIsAway whether the store of a cluster does not answer
   * @param clock the time of changes
   * @param random the source of ids of documents and actors
   */
  public record Environment(
      ChangeStore store,
      Predicate<DocumentId> isAvailable,
      DocumentDirectory directory,
      DocumentPolicy rooms,
      BooleanSupplier memoryIsFull,
      BooleanSupplier storeIsAway,
      InstantSource clock,
      RandomGenerator random) {}

  private static final int ID_BYTES = 16;

  private final Environment environment;
  private final DocumentApiLimits limits;
  private final DocumentJson json;
  private final DocumentReads reads;
  private final ReadThreads threads;
  private final DocumentWrites writes;

  public Documents(Environment environment, DocumentApiLimits limits) {
    this.environment = environment;
    this.limits = limits;
    this.json = new DocumentJson(limits);
    this.reads = new DocumentReads(environment.store());
    this.threads = new ReadThreads(Duration.ofMillis(limits.waitMillisMax()));
    this.writes =
        new DocumentWrites(
            environment.directory(),
            reads,
            threads,
            limits,
            environment.clock(),
            environment.random());
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

  /** Whether the caller has the state at these heads. */
  @FunctionalInterface
  public interface KnownState {
    boolean isKnown(List<ChangeHash> heads);
  }

  /** Whether the document exists and is no room. Its changes are on disk then. */
  public boolean exists(DocumentId document) {
    if (environment.rooms().needsScope(document)) {
      return false;
    }
    refuseWhenAway();
    threads.await(environment.directory().flush(document));
    return reads.exists(document);
  }

  private void require(DocumentId document) {
    if (!exists(document)) {
      throw DocumentFault.notFound();
    }
    refuseWhenFull();
  }

  private void refuseWhenAway() {
    if (environment.storeIsAway().getAsBoolean()) {
      throw DocumentFault.unavailable("storage-away", "the server cannot reach its storage");
    }
  }

  private void refuseWhenFull() {
    refuseWhenAway();
    if (environment.memoryIsFull().getAsBoolean()) {
      throw DocumentFault.unavailable("memory", "the server's memory is nearly full; try again");
    }
  }

  /**
   * Reads a document.
   *
   * @param heads the state to read, ascending; empty for the newest
   * @param known a state that the caller has; if it is the state to read, the body is empty
   * @throws DocumentFault if there is no such document, or no such state
   */
  public ReadDocument read(
      DocumentId document, Form form, List<ChangeHash> heads, KnownState known) {
    require(document);
    return threads.run(
        () -> {
          var stored = reads.stored(document);
          var newest = reads.history(stored);
          var state = heads.isEmpty() ? newest : newest.at(heads);
          if (known.isKnown(state.heads())) {
            return new ReadDocument(state.heads(), Bytes.EMPTY);
          }
          var body =
              switch (form) {
                case PLAIN ->
                    json.write(JsonForm.plain(state.content(limits.operationsMax()).root()));
                case TYPED ->
                    json.write(JsonForm.typed(state.content(limits.operationsMax()).root()));
                case FILE ->
                    heads.isEmpty()
                        ? DocumentFile.ofNewest(stored, newest)
                        : DocumentFile.of(state);
              };
          return new ReadDocument(state.heads(), body);
        });
  }

  /**
   * A page of the history: changes in ascending order of their first operations, so each after its
   * dependencies.
   *
   * @param heads the state whose history is read, ascending; empty for the newest
   * @param after the change before the first of the page; empty for the first page
   */
  public HistoryPage history(
      DocumentId document, List<ChangeHash> heads, Optional<ChangeHash> after, int limit) {
    require(document);
    return threads.run(
        () -> {
          var newest = reads.history(reads.stored(document));
          return HistoryPage.of(heads.isEmpty() ? newest : newest.at(heads), after, limit);
        });
  }

  /**
   * A page of the ids of all documents that are not rooms, ascending.
   *
   * @param after the id before the first of the page; empty for the first page
   * @param mayRead whether the caller may read a document; may block
   */
  public ListPage list(Optional<String> after, int limit, Predicate<DocumentId> mayRead) {
    var candidates =
        threads.run(
            () ->
                ListPage.smallest(environment.store().documents(), after, limits.scannedMax() + 1));
    return ListPage.of(
        candidates,
        limit,
        limits.scannedMax(),
        document -> !environment.rooms().needsScope(document) && mayRead.test(document));
  }

  /** Reads a JSON body. */
  public JsonNode readJson(Bytes body) {
    return threads.run(() -> json.read(body));
  }

  /** Reads a merge patch (RFC 7396). */
  public Patch readMergePatch(Bytes body) {
    return new Patch.Merge(readJson(body));
  }

  /** Reads a JSON patch (RFC 6902). */
  public Patch readJsonPatch(Bytes body) {
    return new Patch.Operations(JsonPatch.read(readJson(body), limits.patchOperationsMax()));
  }

  /**
   * Patches a document, as a change of the caller.
   *
   * @param expected the state that the document must have; empty if any will do
   * @return the heads of the state that the patch led to; changes of other people that arrived
   *     meanwhile are not part of it
   */
  public List<ChangeHash> patch(
      DocumentId document, Caller caller, Patch patch, Optional<KnownState> expected) {
    require(document);
    return writes.patch(document, caller, patch, expected);
  }

  /** An id for a new document. */
  public DocumentId newId() {
    while (true) {
      var bytes = new byte[ID_BYTES];
      environment.random().nextBytes(bytes);
      var id = DocumentId.of(Bytes.wrap(bytes));
      if (environment.isAvailable().test(id) && !environment.store().contains(id)) {
        return id;
      }
    }
  }

  /** Creates a document with this content; the result is its heads. */
  public List<ChangeHash> create(DocumentId document, Caller caller, JsonNode content) {
    refuseWhenFull();
    Patch.requireObject(content);
    return writes.create(document, caller, content);
  }

  /** An uploaded file that was checked, or the history of a document to copy. */
  public static final class Source {
    private final History history;

    private Source(History history) {
      this.history = history;
    }
  }

  /** Checks an uploaded {@code .automerge} file. */
  public Source readFile(Bytes file) {
    refuseWhenFull();
    var standard = DocumentLimits.DEFAULT;
    var bounds =
        new DocumentLimits(
            standard.changesMax(),
            Math.min(standard.operationsMax(), limits.operationsMax()),
            Math.min(standard.operationsFloor(), limits.operationsMax()),
            standard.operationsPerByteMax(),
            standard.inflatedBytesMax(),
            standard.changeBytesMax(),
            Runtime.getRuntime().maxMemory() / FixedLimits.DOCUMENT_CHUNK_HEAP_DIVISOR,
            standard.change());
    return threads.run(() -> new Source(UploadedFile.read(file, bounds)));
  }

  /**
   * The history of a document, to copy it.
   *
   * @param heads the state to copy, ascending; empty for the newest
   */
  public Source copyOf(DocumentId document, List<ChangeHash> heads) {
    require(document);
    return threads.run(
        () -> {
          var newest = reads.history(reads.stored(document));
          return new Source(heads.isEmpty() ? newest : newest.at(heads));
        });
  }

  /** Creates a document with the history of another one or of a file; the result is its heads. */
  public List<ChangeHash> create(DocumentId document, Caller caller, Source source) {
    refuseWhenFull();
    return writes.create(document, caller, source.history);
  }

  /** Waits until every change that the document has admitted is on disk. */
  public void flush(DocumentId document) {
    threads.await(environment.directory().flush(document));
  }

  @Override
  public void close() {
    threads.close();
  }
}
