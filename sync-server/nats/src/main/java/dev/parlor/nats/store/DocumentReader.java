package dev.parlor.nats.store;

import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.nats.client.ClusterClient;
import dev.parlor.nats.client.ClusterException;
import dev.parlor.nats.client.ClusterException.Kind;
import dev.parlor.nats.client.ClusterNames;
import dev.parlor.nats.client.StoredMessage;
import dev.parlor.relay.storage.ChangeStore.ChangeRecord;
import dev.parlor.relay.storage.CorruptDocumentException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads documents: the pointer, its object, and the entries of the log after it. If the pointer has
 * changed meanwhile, the reader starts over, because the entries that the new object contains may
 * be truncated. All methods block. Safe from any thread.
 */
public final class DocumentReader {

  private static final Logger LOG = LoggerFactory.getLogger(DocumentReader.class);

  /** Readings of a document whose pointer changes each time; then: the reading fails. */
  private static final int ATTEMPTS_MAX = 20;

  /** Damaged entries and documents that are remembered, each; above: they are only logged. */
  private static final int DAMAGED_MAX = 10_000;

  private final ClusterClient client;
  private final ClusterNames names;
  private final StoredObjects objects;
  private final int shards;

  /** The subjects and sequences of entries that this process found unreadable. */
  private final Set<String> unreadable = ConcurrentHashMap.newKeySet();

  /** The documents whose object this process could not read. */
  private final Set<DocumentId> damaged = ConcurrentHashMap.newKeySet();

  /** Reads documents of a cluster that has this number of shards. */
  public DocumentReader(ClusterClient client, int shards) {
    this.client = client;
    this.names = client.settings().names();
    this.objects = new StoredObjects(client, shards);
    this.shards = shards;
  }

  /** A pointer and the sequence of its message; 0 if the document has none. */
  record Revision(Pointer pointer, long sequence) {}

  Revision pointer(DocumentId document) throws IOException {
    var stored =
        client.last(
            names.pointers(ClusterNames.shardOf(document, shards)),
            names.pointer(document, shards));
    return stored.isEmpty()
        ? new Revision(Pointer.NONE, 0)
        : new Revision(Pointer.decode(stored.get().data()), stored.get().sequence());
  }

  /** The last message of the document's log. */
  Optional<StoredMessage> last(DocumentId document) throws IOException {
    return client.last(
        names.log(ClusterNames.shardOf(document, shards)), names.log(document, shards));
  }

  /** Reads all content of a document. */
  public DocumentContent read(DocumentId document) throws IOException {
    for (var attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
      var before = pointer(document);
      var content = readFrom(document, before);
      if (pointer(document).sequence() == before.sequence()) {
        if (content.isEmpty()) {
          if (damaged.size() < DAMAGED_MAX) {
            damaged.add(document);
          }
          throw new CorruptDocumentException(
              document, "its object " + before.pointer().object() + " is incomplete or damaged");
        }
        damaged.remove(document);
        return content.get();
      }
    }
    throw new ClusterException(
        Kind.UNANSWERED, "document " + document + " was folded during each of its readings");
  }

  /** Empty if the object cannot be read. */
  private Optional<DocumentContent> readFrom(DocumentId document, Revision from)
      throws IOException {
    var pointer = from.pointer();
    var object = object(document, pointer);
    if (object.isEmpty()) {
      return Optional.empty();
    }
    var tail = new ArrayList<>(object.get().changes());
    var state = RecordState.of(object.get());
    var joiner = new EntryParts.Joiner();
    var last = pointer.sequence();
    for (var message : log(document, pointer.sequence())) {
      joiner
          .add(message)
          .ifPresent(
              joined ->
                  LogEntry.decode(joined.entry())
                      .ifPresentOrElse(
                          entry -> {
                            state.apply(entry);
                            tail.addAll(entry.changes());
                          },
                          () -> setAside(document, joined)));
      last = message.sequence();
    }
    var foldableTo = joiner.openFrom() == 0 ? last : joiner.openFrom() - 1;
    return Optional.of(
        new DocumentContent(
            pointer,
            from.sequence(),
            object.get().snapshot(),
            List.<ChangeRecord>copyOf(tail),
            state,
            last,
            foldableTo));
  }

  /** An entry and the sequence of its last message. */
  record Read(LogEntry entry, long sequence) {}

  /**
   * The end of a log.
   *
   * @param end the last sequence before which no entry can still become valid
   */
  record Tail(List<Read> entries, long end) {}

  /**
   * The entries after a sequence.
   *
   * @return empty if some of them may be truncated; then the document must be read
   */
  Optional<Tail> tail(DocumentId document, long after) throws IOException {
    var entries = new ArrayList<Read>();
    var joiner = new EntryParts.Joiner();
    var last = after;
    for (var message : log(document, after)) {
      var joined = joiner.add(message);
      if (joined.isPresent()) {
        LogEntry.decode(joined.get().entry())
            .ifPresentOrElse(
                entry -> entries.add(new Read(entry, joined.get().sequence())),
                () -> setAside(document, joined.get()));
      }
      last = message.sequence();
    }
    return pointer(document).pointer().sequence() > after
        ? Optional.empty()
        : Optional.of(new Tail(entries, joiner.openFrom() == 0 ? last : joiner.openFrom() - 1));
  }

  private Optional<LogEntry> object(DocumentId document, Pointer pointer) throws IOException {
    var name = pointer.object();
    var sha256 = pointer.sha256();
    if (name == null || sha256 == null) {
      return Optional.of(new LogEntry(Optional.empty(), Map.of(), List.of(), List.of()));
    }
    return objects
        .read(document, name, new StoredObjects.Stored(pointer.parts(), sha256))
        .flatMap(LogEntry::decode);
  }

  /** The messages of the log after a sequence, up to the last one that the leader knows. */
  private List<StoredMessage> log(DocumentId document, long after) throws IOException {
    var last = last(document);
    if (last.isEmpty() || last.get().sequence() <= after) {
      return List.of();
    }
    if (last.get().sequence() == after + 1) {
      return List.of(last.get());
    }
    var stream = names.log(ClusterNames.shardOf(document, shards));
    var subject = names.log(document, shards);
    return client.untilAnswered(
        () -> {
          var messages = client.read(stream, subject, after + 1, Long.MAX_VALUE);
          var read = messages.isEmpty() ? 0 : messages.getLast().sequence();
          if (read < last.get().sequence()
              && last(document).map(StoredMessage::sequence).orElse(0L) >= last.get().sequence()) {
            // A replica that lags answered. If the leader has no such message, it was truncated.
            throw new ClusterException(
                Kind.UNANSWERED, "document " + document + ": a replica of its log lags");
          }
          return messages;
        });
  }

  /** Whether there are changes or a snapshot. Reads the log only if its last entry has none. */
  boolean isStored(DocumentId document) throws IOException {
    var pointer = pointer(document).pointer();
    if (pointer.stored()) {
      return true;
    }
    var last = last(document);
    if (last.isEmpty() || last.get().sequence() <= pointer.sequence()) {
      return false;
    }
    var entry =
        new EntryParts.Joiner().add(last.get()).flatMap(joined -> LogEntry.decode(joined.entry()));
    return (entry.isPresent() && !entry.get().changes().isEmpty()) || read(document).isStored();
  }

  /** Keeps an entry that cannot be read for an operator, and goes on without it. */
  private void setAside(DocumentId document, EntryParts.Joined joined) {
    if (unreadable.size() < DAMAGED_MAX && !unreadable.add(document + "@" + joined.sequence())) {
      return;
    }
    LOG.error(
        "document {}: the entry {} of its log is damaged; the document opens without it",
        document,
        joined.sequence());
    try {
      client.publish(names.unreadable(document), joined.entry().toArray());
    } catch (IOException e) {
      LOG.error("document {}: the damaged entry could not be copied", document, e);
    }
  }

  /** The documents whose object this process could not read, so that they do not open. */
  Set<DocumentId> damaged() {
    return Set.copyOf(damaged);
  }

  /** The entries that this process found unreadable, as {@code document@sequence}. */
  Set<String> unreadable() {
    return Set.copyOf(unreadable);
  }
}
