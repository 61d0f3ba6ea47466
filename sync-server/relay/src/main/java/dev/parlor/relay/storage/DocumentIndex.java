package dev.parlor.relay.storage;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.Decoding.Decoded;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.relay.storage.ChangeStore.ChangeRecord;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The stored documents: their numbers, how far their logs are committed in the trees, and their
 * changes that only the change log holds. It takes about 200 bytes per document. Any thread reads;
 * only the commit thread writes.
 */
final class DocumentIndex {

  private static final Logger LOG = LoggerFactory.getLogger(DocumentIndex.class);
  private static final long UNKNOWN = -1;

  /** Appends that are in the change log and not in the trees, the latest first. */
  private record Pending(List<ChangeRecord> changes, @Nullable Pending before) {}

  /**
   * The visible state of a document. It is replaced as a whole, so that a reader sees no change
   * twice.
   *
   * @param end log sequences below this are committed in the trees
   */
  private record Visible(long end, @Nullable Pending pending) {

    /** Oldest first. */
    List<ChangeRecord> logged() {
      if (pending == null) {
        return List.of();
      }
      var runs = new ArrayList<List<ChangeRecord>>();
      for (var run = pending; run != null; run = run.before) {
        runs.add(run.changes);
      }
      Collections.reverse(runs);
      var changes = new ArrayList<ChangeRecord>();
      runs.forEach(changes::addAll);
      return changes;
    }
  }

  /** One document. */
  static final class Entry {
    private final DocumentId document;
    private final long number;
    private boolean inTrees;
    private volatile Visible visible = new Visible(UNKNOWN, null);
    private volatile @Nullable String damage;

    private Entry(DocumentId document, long number, boolean inTrees) {
      this.document = document;
      this.number = number;
      this.inTrees = inTrees;
    }

    DocumentId document() {
      return document;
    }

    long number() {
      return number;
    }

    /** A sentence about the damage to the document's place in the store; null if there is none. */
    @Nullable String damage() {
      return damage;
    }

    void damaged(String what) {
      damage = what;
    }

    /**
     * The state that a reader may see. A reader takes this view first and reads the trees
     * afterwards.
     */
    View view() {
      var now = visible;
      return new View(now.end == UNKNOWN ? LogRecord.SEQUENCE_END : now.end, now.logged());
    }

    /** Appends that the trees have not absorbed, oldest first. */
    List<ChangeRecord> logged() {
      return visible.logged();
    }

    boolean hasLogged() {
      return visible.pending != null;
    }

    /** Records that the change log holds these changes. */
    void log(List<ChangeRecord> changes) {
      visible = new Visible(visible.end, new Pending(changes, visible.pending));
    }

    /** Drops the logged changes, which went elsewhere than into the trees. */
    void forgetLogged() {
      visible = new Visible(visible.end, null);
    }
  }

  /**
   * The state of a document at one moment.
   *
   * @param end log sequences of the trees below this belong to it
   * @param logged changes that come after those
   */
  record View(long end, List<ChangeRecord> logged) {}

  private final Map<DocumentId, Entry> entries = new ConcurrentHashMap<>();
  private long highestNumber;

  DocumentIndex(Database database) {
    highestNumber = database.highestNumber();
    database.eachDocument(
        (id, number) -> {
          highestNumber = Math.max(highestNumber, number);
          if (DocumentId.parse(id) instanceof Decoded<DocumentId>(var document)) {
            var entry = new Entry(document, number, true);
            if (number < 0) {
              entry.damaged("its number cannot be read");
            }
            entries.put(document, entry);
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

  /** Whether the change log may hold changes of the document; false if the trees must decide. */
  boolean mayLog(DocumentId document, Database database) {
    var entry = entries.get(document);
    if (entry == null) {
      return document.value().length() <= DocumentId.LENGTH_MAX;
    }
    if (entry.damage != null) {
      return false;
    }
    if (entry.visible.end == UNKNOWN) {
      // Readers must know the committed end before a record is put behind it.
      entry.visible = new Visible(database.nextSequence(entry.number), null);
    }
    return true;
  }

  /** The entry of a document that has changes in the change log; created if it is new. */
  Entry logged(DocumentId document) {
    var entry = entries.get(document);
    if (entry == null) {
      entry = new Entry(document, ++highestNumber, false);
      entry.visible = new Visible(0, null);
      entries.put(document, entry);
    }
    return entry;
  }

  /** Begins a group of writes to the trees. */
  Group begin() {
    return new Group();
  }

  /** Makes a committed group visible to readers. */
  void publish(Group group) {
    group.gone.forEach(entries::remove);
    group.fresh.forEach(
        (document, entry) -> {
          entry.inTrees = true;
          entries.putIfAbsent(document, entry);
        });
    group.next.forEach((entry, end) -> entry.visible = new Visible(end, null));
    highestNumber = group.highest;
  }

  /**
   * The documents that one group of writes touches; discarded if the group fails. A group that
   * appends to a document also contains all changes of the document in the change log.
   */
  final class Group {
    private final Map<DocumentId, Entry> fresh = new HashMap<>();
    private final Map<Entry, Long> next = new HashMap<>();
    private final Set<DocumentId> gone = new HashSet<>();
    private long highest = highestNumber;

    /** The document's entry; created if it is new. */
    Entry entry(DocumentId document, Database database) throws IOException {
      var known = standing(document);
      if (known == null) {
        known = fresh.get(document);
      }
      if (known == null) {
        known = new Entry(document, ++highest, false);
      }
      var damage = known.damage;
      if (damage != null) {
        throw new CorruptDocumentException(document, damage);
      }
      if (!known.inTrees && fresh.put(document, known) == null) {
        database.putDocument(document.value(), known.number);
      }
      return known;
    }

    private @Nullable Entry standing(DocumentId document) {
      return gone.contains(document) ? null : entries.get(document);
    }

    /** Removes the document, including the earlier writes of this group to it. */
    void remove(DocumentId document, Database database) throws IOException {
      var standing = standing(document);
      var known = standing == null ? fresh.get(document) : standing;
      fresh.remove(document);
      if (known == null) {
        return;
      }
      var damage = known.damage;
      if (damage != null) {
        throw new CorruptDocumentException(document, damage);
      }
      database.removeDocument(document.value(), known.number);
      next.remove(known);
      gone.add(document);
    }

    /** Appends changes to the document's log, in as few records as their size allows. */
    void append(Entry entry, List<ChangeRecord> changes, Database database) {
      var record = new ArrayList<ChangeRecord>();
      var bytes = 0L;
      for (var change : changes) {
        if (!record.isEmpty() && bytes + LogRecord.bytes(change) > LogRecord.BYTES_MAX) {
          database.putLog(nextKey(entry, database), record);
          record.clear();
          bytes = 0;
        }
        record.add(change);
        bytes += LogRecord.bytes(change);
      }
      if (!record.isEmpty()) {
        database.putLog(nextKey(entry, database), record);
      }
    }

    /** Stores unreadable bytes in their place, so that the document is known to be damaged. */
    void appendDamaged(Entry entry, Bytes raw, Database database) {
      database.putDamagedLog(nextKey(entry, database), raw);
    }

    private long nextKey(Entry entry, Database database) {
      return LogRecord.key(entry.number, nextSequence(entry, database));
    }

    private long nextSequence(Entry entry, Database database) {
      var place = next.get(entry);
      if (place == null) {
        place =
            entry.visible.end == UNKNOWN ? database.nextSequence(entry.number) : entry.visible.end;
        // From now on readers must stop at the committed end.
        entry.visible = new Visible(place, entry.visible.pending);
      }
      next.put(entry, place + 1);
      return place;
    }
  }
}
