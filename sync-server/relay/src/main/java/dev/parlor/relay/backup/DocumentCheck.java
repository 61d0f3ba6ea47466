package dev.parlor.relay.backup;

import dev.parlor.crdt.document.DocumentCodec;
import dev.parlor.crdt.document.DocumentContents;
import dev.parlor.crdt.document.DocumentLimits;
import dev.parlor.crdt.format.ChangeChunk;
import dev.parlor.crdt.format.ChangeCodec;
import dev.parlor.crdt.format.FormatLimits;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.identity.Decoding;
import dev.parlor.relay.storage.ChangeStore.ChangeRecord;
import dev.parlor.relay.storage.ChangeStore.StoredDocument;
import dev.parlor.relay.storage.Place;
import dev.parlor.relay.storage.StoreView;
import dev.parlor.relay.storage.StoredLog;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Checks all values of a data directory or a backup: whether each can be read, and for each
 * document whether its snapshot and changes are well-formed, have the stored hashes, and lack no
 * dependency. The values must come in the order of their places; one document is in memory at a
 * time. Used by one thread.
 */
public final class DocumentCheck implements StoreView.Sink {

  /** Stored changes passed admission, so these limits only bound the memory of damaged input. */
  private static final FormatLimits CHANGE_LIMITS =
      new FormatLimits(1 << 30, 1 << 20, 1 << 20, 1 << 10, 1 << 20);

  private final List<String> damage = new ArrayList<>();
  private long records;
  private long documents;
  private String document = "";
  private Optional<Bytes> snapshot = Optional.empty();
  private final List<ChangeRecord> changes = new ArrayList<>();
  private boolean partIsDamaged;

  @Override
  public void value(Place place, Bytes value) {
    enter(place);
    switch (place.kind()) {
      case RECORD -> records++;
      case DOCUMENT -> {
        if (place.number() == 0) {
          snapshot = Optional.of(value);
        } else {
          addChanges(place, value);
        }
      }
      case FILE -> {} // The caller checks the files, since their formats belong to other packages.
    }
  }

  @Override
  public void damaged(Place place, String reason) {
    enter(place);
    partIsDamaged = true;
    damage.add(place.description() + ": " + reason);
  }

  /** Notes that a part of a document is missing, which the caller has reported already. */
  void skipDamaged(Place place) {
    enter(place);
    partIsDamaged = true;
  }

  private void addChanges(Place place, Bytes payload) {
    var decoded = StoredLog.changes(payload);
    if (decoded.isEmpty()) {
      damaged(place, "its changes cannot be separated");
    } else {
      changes.addAll(decoded.get());
    }
  }

  /** Begins the document of this place, if it is another document than before. */
  private void enter(Place place) {
    var name = place.kind() == Place.Kind.DOCUMENT ? place.name() : "";
    if (!name.equals(document)) {
      endDocument();
      document = name;
      documents += name.isEmpty() ? 0 : 1;
    }
  }

  private void endDocument() {
    if (!document.isEmpty() && !partIsDamaged) {
      var problem = problemOf(new StoredDocument(snapshot, changes));
      if (problem != null) {
        damage.add("document " + document + ": " + problem);
      }
    }
    snapshot = Optional.empty();
    changes.clear();
    partIsDamaged = false;
  }

  /** Ends the last document. */
  public void end() {
    endDocument();
    document = "";
  }

  /** A sentence for each damaged value and document, with its name. */
  public List<String> damage() {
    return List.copyOf(damage);
  }

  public long records() {
    return records;
  }

  public long documents() {
    return documents;
  }

  /** The fault of a document's contents; null if it has none. */
  public static @Nullable String problemOf(StoredDocument stored) {
    Set<ChangeHash> known = new HashSet<>();
    if (stored.snapshot().isPresent()) {
      switch (DocumentCodec.decode(stored.snapshot().get(), DocumentLimits.STORED)) {
        case Decoding.Decoded<DocumentContents>(var contents) ->
            contents.changes().forEach(change -> known.add(change.hash()));
        case Decoding.Malformed<DocumentContents>(_, var reason) -> {
          return "its snapshot is not valid: " + reason;
        }
      }
    }
    Set<ChangeHash> needed = new HashSet<>();
    for (var change : stored.tail()) {
      switch (ChangeCodec.decode(change.chunk(), CHANGE_LIMITS)) {
        case Decoding.Decoded<ChangeChunk>(var chunk) -> {
          if (!chunk.hash().equals(change.hash())) {
            return "the change " + change.hash() + " has other contents";
          }
          known.add(chunk.hash());
          needed.addAll(chunk.deps());
        }
        case Decoding.Malformed<ChangeChunk>(_, var reason) -> {
          return "the change " + change.hash() + " is not valid: " + reason;
        }
      }
    }
    needed.removeAll(known);
    return needed.isEmpty()
        ? null
        : needed.size()
            + " changes are missing that others build on, as "
            + needed.iterator().next();
  }
}
