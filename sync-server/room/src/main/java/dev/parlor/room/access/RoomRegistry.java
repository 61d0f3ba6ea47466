package dev.parlor.room.access;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.Decoding;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.relay.storage.RecordTable;
import dev.parlor.relay.storage.StoreUnavailableException;
import dev.parlor.room.limits.FixedServiceLimits;
import java.util.Base64;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The durable registry of rooms: maps slugs to documents and back.
 *
 * <p>A room is created in two steps, so that after a crash between them no client can open an
 * incomplete room. {@link #reserve} records that the document belongs to a room, before the
 * document has a change. {@link #publish} records the slug after the first change is on disk.
 */
public final class RoomRegistry {

  private final RecordTable rooms;
  private final RecordTable documents;
  private final FreshRecords fresh;
  private final JsonRecords<Stored> json = new JsonRecords<>("rooms", Stored.class);

  /**
   * @param rooms the durable table {@code rooms}: slug to room
   * @param documents the durable table {@code documents}: document id to slug
   */
  public RoomRegistry(RecordTable rooms, RecordTable documents, FreshRecords fresh) {
    this.rooms = rooms;
    this.documents = documents;
    this.fresh = fresh;
  }

  /** The stored record. Records of earlier versions lack the last members. */
  private record Stored(
      String documentId,
      @Nullable String owner,
      long createdAt,
      @Nullable Secret secret,
      boolean single,
      RoomInfo.@Nullable Parent parent,
      boolean locked) {}

  private record Secret(String salt, int iterations, String storedKey) {
    static Secret of(RoomSecret secret) {
      return new Secret(base64(secret.salt()), secret.iterations(), base64(secret.storedKey()));
    }

    private static String base64(Bytes bytes) {
      return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes.toArray());
    }

    RoomSecret toRoomSecret() {
      return RoomSecret.of(salt, iterations, storedKey).orElseThrow();
    }
  }

  /** Records that a document belongs to a room; completes when that is on disk. */
  public CompletableFuture<Void> reserve(RoomInfo room) {
    return documents.put(room.documentId().value(), Bytes.utf8(room.slug()));
  }

  /**
   * Records the room under its slug, so that clients can open it; completes when on disk. An
   * earlier record of the room is replaced.
   */
  public CompletableFuture<Void> publish(RoomInfo room) {
    var stored =
        new Stored(
            room.documentId().value(),
            room.owner().orElse(null),
            room.createdAt(),
            room.secret().map(Secret::of).orElse(null),
            room.single(),
            room.parent().orElse(null),
            room.isLocked());
    return rooms.put(room.slug(), json.write(stored));
  }

  public Optional<RoomInfo> bySlug(String slug) {
    if (slug.isEmpty() || slug.length() > FixedServiceLimits.SLUG_LENGTH_MAX) {
      return Optional.empty();
    }
    return rooms.get(slug).map(record -> read(slug, record));
  }

  /**
   * As {@link #bySlug}, for the first use of a slug by a client: asks the cluster if this node does
   * not know the room.
   *
   * @throws StoreUnavailableException if the cluster does not answer
   */
  public Optional<RoomInfo> findBySlug(String slug) {
    var known = bySlug(slug);
    if (known.isPresent() || slug.isEmpty() || slug.length() > FixedServiceLimits.SLUG_LENGTH_MAX) {
      return known;
    }
    var found = fresh.find(rooms, slug).map(record -> read(slug, record));
    found.ifPresent(room -> fresh.find(documents, room.documentId().value()));
    return found;
  }

  /**
   * As {@link #byDocument}; asks the cluster if this node does not know the room.
   *
   * @throws StoreUnavailableException if the cluster does not answer
   */
  public Optional<RoomInfo> findByDocument(DocumentId document) {
    return fresh.find(documents, document.value()).map(Bytes::toUtf8).flatMap(this::findBySlug);
  }

  /**
   * As {@link #isRoom}, before the document is opened. In a cluster, always asks it if this node
   * does not know the document: the answer decides who may change the document, and opening it asks
   * the cluster too.
   */
  public boolean isRoomNow(DocumentId document) {
    return isRoom(document) || ClusterReply.await(documents.current(document.value())).isPresent();
  }

  /** Whether the document belongs to a room. The open relay does not serve such documents. */
  public boolean isRoom(DocumentId document) {
    return documents.get(document.value()).isPresent();
  }

  /** The documents of all rooms. Reads the whole table. */
  public Set<DocumentId> documents() {
    var found = new HashSet<DocumentId>();
    for (var id : documents.withPrefix("").keySet()) {
      if (DocumentId.parse(id) instanceof Decoding.Decoded<DocumentId>(var document)) {
        found.add(document);
      }
    }
    return found;
  }

  /** The room of this document. */
  public Optional<RoomInfo> byDocument(DocumentId document) {
    return documents.get(document.value()).map(Bytes::toUtf8).flatMap(this::bySlug);
  }

  private RoomInfo read(String slug, Bytes record) {
    var stored = json.read(record);
    return new RoomInfo(
        slug,
        DocumentId.parse(stored.documentId()).orElseThrow(),
        Optional.ofNullable(stored.owner()),
        stored.createdAt(),
        Optional.ofNullable(stored.secret()).map(Secret::toRoomSecret),
        stored.single(),
        Optional.ofNullable(stored.parent()),
        stored.locked());
  }
}
