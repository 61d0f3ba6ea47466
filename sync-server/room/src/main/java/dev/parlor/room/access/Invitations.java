package dev.parlor.room.access;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.relay.admission.Role;
import dev.parlor.relay.storage.RecordTable;
import dev.parlor.relay.storage.RecordUpdate;
import dev.parlor.room.limits.ServiceLimits;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The invitations of all rooms, in a durable table under {@code <slug>/<id>}. Every change of an
 * invitation is a compare-and-set of its record: if two people join with the last use at the same
 * time, on one node or on two, one of them is refused. Of concurrent creations on several nodes,
 * each node may add one invitation above the maximum of a room.
 */
public final class Invitations {
  private final RecordTable table;
  private final ServiceLimits.Invitations limits;
  private final RandomIds ids;
  private final InstantSource clock;
  private final JsonRecords<Stored> json = new JsonRecords<>("invitations", Stored.class);

  /**
   * @param table the durable table {@code invitations}
   */
  public Invitations(
      RecordTable table, ServiceLimits.Invitations limits, RandomIds ids, InstantSource clock) {
    this.table = table;
    this.limits = limits;
    this.ids = ids;
    this.clock = clock;
  }

  private record Stored(
      String role,
      String by,
      long createdAt,
      @Nullable Long expiresAt,
      @Nullable Integer usesMax,
      List<String> usedBy,
      boolean revoked) {}

  /**
   * Creates an invitation; it is on disk when this returns.
   *
   * @return the invitation, or empty if the room has the maximum number of invitations and none of
   *     them has ended
   */
  public Optional<Invitation> create(
      String slug, Role role, String by, Optional<Instant> expiresAt, Optional<Integer> usesMax) {
    Invitation created;
    CompletableFuture<Void> written;
    synchronized (this) {
      if (!hasSpaceForOneMore(slug)) {
        return Optional.empty();
      }
      created =
          new Invitation(
              ids.invitation(), role, by, clock.instant(), expiresAt, usesMax, List.of(), false);
      written = write(slug, created);
    }
    var _ = RecordUpdate.await(written);
    return Optional.of(created);
  }

  /**
   * Whether the room may have one more invitation. If it already has the maximum number, removes
   * the oldest invitation that has ended. Returns false if no invitation has ended.
   */
  private boolean hasSpaceForOneMore(String slug) {
    var all = list(slug);
    if (all.size() < limits.perRoomMax()) {
      return true;
    }
    var now = clock.instant();
    var oldest = all.stream().filter(each -> each.hasEnded(now)).findFirst();
    if (oldest.isEmpty()) {
      return false;
    }
    var _ = table.remove(key(slug, oldest.get().id()));
    return true;
  }

  /** All invitations of a room, oldest first, including ended invitations. */
  public List<Invitation> list(String slug) {
    var all = new ArrayList<Invitation>();
    table
        .withPrefix(slug + "/")
        .forEach((key, record) -> all.add(read(key.substring(slug.length() + 1), record)));
    all.sort(Comparator.comparing(Invitation::createdAt).thenComparing(Invitation::id));
    return all;
  }

  public Optional<Invitation> find(String slug, String id) {
    return table.get(key(slug, id)).map(record -> read(id, record));
  }

  /** Revokes an invitation; on disk when this returns. Empty if there is no such invitation. */
  public Optional<Invitation> revoke(String slug, String id) {
    return RecordUpdate.run(
        table,
        key(slug, id),
        stored -> {
          if (stored.isEmpty()) {
            return RecordUpdate.Decision.keep(Optional.empty());
          }
          var revoked = read(id, stored.get()).withRevoked();
          return RecordUpdate.Decision.put(json.write(stored(revoked)), Optional.of(revoked));
        });
  }

  /**
   * Counts a use if the invitation has a maximum number of uses. Each identity counts once. The use
   * is on disk when this returns.
   *
   * @return whether the identity may join
   */
  boolean countUse(String slug, String id, String identity) {
    return RecordUpdate.run(
        table,
        key(slug, id),
        stored -> {
          // An invitation that was removed meanwhile had ended.
          var invitation = stored.map(record -> read(id, record)).orElse(null);
          if (invitation == null) {
            return RecordUpdate.Decision.keep(false);
          }
          if (invitation.usesMax().isEmpty() || invitation.usedBy().contains(identity)) {
            return RecordUpdate.Decision.keep(true);
          }
          return invitation.isUsedUp()
              ? RecordUpdate.Decision.keep(false)
              : RecordUpdate.Decision.put(json.write(stored(invitation.withUseBy(identity))), true);
        });
  }

  /**
   * The expiry times of all invitations that have not ended. Reads the whole table; called once at
   * start.
   */
  List<Expiry> expiries() {
    var now = clock.instant();
    var expiries = new ArrayList<Expiry>();
    table
        .withPrefix("")
        .forEach(
            (key, record) -> {
              var slash = key.indexOf('/');
              var invitation = read(key.substring(slash + 1), record);
              if (!invitation.hasEnded(now)) {
                invitation
                    .expiresAt()
                    .ifPresent(
                        at ->
                            expiries.add(new Expiry(key.substring(0, slash), invitation.id(), at)));
              }
            });
    return expiries;
  }

  /** The expiry time of an invitation. */
  record Expiry(String slug, String id, Instant at) {}

  private static String key(String slug, String id) {
    return slug + "/" + id;
  }

  private CompletableFuture<Void> write(String slug, Invitation invitation) {
    return table.put(key(slug, invitation.id()), json.write(stored(invitation)));
  }

  private static Stored stored(Invitation invitation) {
    return new Stored(
        invitation.role().name(),
        invitation.by(),
        invitation.createdAt().toEpochMilli(),
        invitation.expiresAt().map(Instant::toEpochMilli).orElse(null),
        invitation.usesMax().orElse(null),
        invitation.usedBy(),
        invitation.revoked());
  }

  /** Asks the cluster for a record; returns whether it was asked. */
  boolean refresh(FreshRecords fresh, String slug, String id) {
    return fresh.refresh(table, key(slug, id));
  }

  private Invitation read(String id, Bytes record) {
    var stored = json.read(record);
    return new Invitation(
        id,
        Role.valueOf(stored.role()),
        stored.by(),
        Instant.ofEpochMilli(stored.createdAt()),
        Optional.ofNullable(stored.expiresAt()).map(Instant::ofEpochMilli),
        Optional.ofNullable(stored.usesMax()),
        stored.usedBy(),
        stored.revoked());
  }
}
