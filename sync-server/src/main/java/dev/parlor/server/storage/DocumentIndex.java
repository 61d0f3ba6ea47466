package dev.parlor.server.storage;

import dev.parlor.crdt.identity.Decoding.Decoded;
import dev.parlor.crdt.identity.DocumentId;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which documents are stored, under which number, and how far their logs are committed; about 150
 * bytes for each. Any thread reads; the commit thread alone changes it, through one {@link Group}
 * at a time.
 */
final class DocumentIndex {

  private static final Logger LOG = LoggerFactory.getLogger(DocumentIndex.class);
  private static final long UNKNOWN = -1;

  /** One document. */
  static final class Entry {
    private final long number;
    private volatile long committedEnd = UNKNOWN;

    private Entry(long number) {
      this.number = number;
    }

    /** Whether the record of its number can be read. */
    boolean readable() {
      return number >= 0;
    }

    long number() {
      return number;
    }

    /** Log sequences below this are committed. */
    long committedEnd() {
      var end = committedEnd;
      return end == UNKNOWN ? LogRecord.SEQUENCE_END : end;
    }
  }

  private final Map<DocumentId, Entry> entries = new ConcurrentHashMap<>();
  private long highestNumber;

  DocumentIndex(Database database) {
    highestNumber = database.highestNumber();
    database.eachDocument(
        (id, number) -> {
          highestNumber = Math.max(highestNumber, number);
          if (DocumentId.parse(id) instanceof Decoded<DocumentId>(var document)) {
            entries.put(document, new Entry(number));
          } else {
            LOG.error("the store names a document \"{}\", which is no id; it is left alone", id);
          }
        });
  }

  @Nullable Entry get(DocumentId document) {
    return entries.get(document);
  }

  int size() {
    return entries.size();
  }

  Set<DocumentId> documents() {
    return Set.copyOf(entries.keySet());
  }

  /** Begins a group of writes. */
  Group begin() {
    return new Group();
  }

  /** The group is committed: readers may see it. */
  void publish(Group group) {
    group.fresh.forEach(entries::put);
    group.next.forEach((document, end) -> entry(document).committedEnd = end);
    highestNumber = group.highest;
  }

  private Entry entry(DocumentId document) {
    return Objects.requireNonNull(entries.get(document));
  }

  /** The documents that one group of writes touches; thrown away when the group fails. */
  final class Group {
    private final Map<DocumentId, Entry> fresh = new HashMap<>();
    private final Map<DocumentId, Long> next = new HashMap<>();
    private long highest = highestNumber;

    /** The document's number, made now when it is new. */
    long number(DocumentId document, Database database) throws IOException {
      var known = find(document);
      if (known == null) {
        known = new Entry(++highest);
        fresh.put(document, known);
        database.putDocument(document.value(), known.number);
      }
      if (!known.readable()) {
        throw new CorruptDocumentException(document, "its number cannot be read");
      }
      return known.number;
    }

    /** The next free place in the document's log. */
    long nextSequence(DocumentId document, Database database) {
      var entry = Objects.requireNonNull(find(document));
      var place = next.get(document);
      if (place == null) {
        place =
            entry.committedEnd == UNKNOWN
                ? database.nextSequence(entry.number)
                : entry.committedEnd;
        // From now on readers must not go beyond what is committed.
        entry.committedEnd = place;
      }
      next.put(document, place + 1);
      return place;
    }

    private @Nullable Entry find(DocumentId document) {
      var known = entries.get(document);
      return known != null ? known : fresh.get(document);
    }
  }
}
