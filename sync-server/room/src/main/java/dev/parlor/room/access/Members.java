package dev.parlor.room.access;

import dev.parlor.relay.admission.Role;
import dev.parlor.relay.storage.RecordTable;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The members of all rooms, in a durable table under {@code <slug>/<identity>}. A record holds the
 * role from joining, the role that a host gave instead, the time of joining, and whether a host
 * removed the member. The server decides by these records; the room's document only shows them to
 * people.
 *
 * <p>A guest ({@code guest:<peer id>}) has a record only while it has a seat; only {@link
 * Member#joinedAt} is used of it.
 */
public final class Members {
  private final RecordTable table;
  private final JsonRecords<Member> json = new JsonRecords<>("members", Member.class);

  /**
   * @param table the durable table {@code members}
   */
  public Members(RecordTable table) {
    this.table = table;
  }

  /**
   * One person in one room.
   *
   * @param role the role that a host gave, or null; it replaces {@code joined}
   * @param kicked whether a host removed the person
   * @param link the name of the link that the person used last, or null
   * @param knows whether the person has proved to know the room's secret
   * @param joined the highest role that a link gave when the person joined; null before joining and
   *     in records of earlier versions
   * @param joinedAt milliseconds since the epoch; null until recorded
   */
  public record Member(
      @Nullable Role role,
      boolean kicked,
      @Nullable String link,
      boolean knows,
      @Nullable Role joined,
      @Nullable Long joinedAt) {
    static final Member PLAIN = new Member(null, false, null, false, null, null);

    /** Whether an earlier version wrote this record. It stored the role only in the document. */
    public boolean fromEarlierVersion() {
      return link != null && joined == null && role == null;
    }

    Member withRole(@Nullable Role given) {
      return new Member(given, kicked, link, knows, joined, joinedAt);
    }

    Member withKicked(boolean out) {
      return new Member(role, out, link, knows, joined, joinedAt);
    }

    Member withLink(String name) {
      return new Member(role, kicked, name, knows, joined, joinedAt);
    }

    Member knowing() {
      return new Member(role, kicked, link, true, joined, joinedAt);
    }

    Member withJoined(Role as) {
      return new Member(role, kicked, link, knows, as, joinedAt);
    }

    Member withJoinedAt(long millis) {
      return new Member(role, kicked, link, knows, joined, millis);
    }

    /**
     * Raises the joined role to at least this role. The host role has the lowest ordinal, so the
     * higher role is the smaller value.
     */
    Member withAtLeast(Role as) {
      return joined != null && joined.compareTo(as) <= 0 ? this : withJoined(as);
    }
  }

  /** The record of an identity, or {@link Member#PLAIN} if it has none. */
  public Member of(String slug, String identity) {
    return table.get(key(slug, identity)).map(json::read).orElse(Member.PLAIN);
  }

  /**
   * Sets the role that a host gave. It counts regardless of the link; on disk when this returns.
   */
  public void setRole(String slug, String identity, Role role) {
    change(slug, identity, before -> before.withRole(role)).join();
  }

  /** Records that a host removed a member or let the member in again; on disk when this returns. */
  public void setKicked(String slug, String identity, boolean kicked) {
    change(slug, identity, before -> before.withKicked(kicked)).join();
  }

  /** Records that a member knows the room's secret; on disk when this returns. */
  public void setKnows(String slug, String identity) {
    change(slug, identity, Member::knowing).join();
  }

  /**
   * Records an owner: joined as host, not removed, without a role given by a host, and knowing the
   * secret. On disk when this returns.
   */
  public void setOwner(String slug, String identity) {
    change(
            slug,
            identity,
            before -> before.withRole(null).withKicked(false).withJoined(Role.HOST).knowing())
        .join();
  }

  /**
   * Records the role that an earlier version stored only in the document; on disk when this
   * returns.
   */
  public void adopt(String slug, String identity, Role shown) {
    change(
            slug,
            identity,
            before -> before.fromEarlierVersion() ? before.withJoined(shown) : before)
        .join();
  }

  /**
   * Records the link that a member used and the least role that it gave; on disk when this returns.
   */
  void joinedBy(String slug, String identity, Optional<String> link, Role atLeast) {
    change(slug, identity, before -> link.map(before::withLink).orElse(before).withAtLeast(atLeast))
        .join();
  }

  /**
   * The time when a member joined. If none is recorded, records {@code otherwise} and returns it.
   * Does not wait for the disk.
   */
  public long joinedAt(String slug, String identity, long otherwise) {
    var _ =
        change(
            slug,
            identity,
            before -> before.joinedAt() == null ? before.withJoinedAt(otherwise) : before);
    var noted = of(slug, identity).joinedAt();
    return noted == null ? otherwise : noted;
  }

  /** Deletes a record. Does not wait for the disk. */
  public void forget(String slug, String identity) {
    var _ = table.remove(key(slug, identity));
  }

  /** Changes a record; completes when it is on disk, or at once if nothing changes. */
  private synchronized CompletableFuture<Void> change(
      String slug, String identity, UnaryOperator<Member> how) {
    var before = of(slug, identity);
    var after = how.apply(before);
    if (after.equals(before)) {
      return CompletableFuture.completedFuture(null);
    }
    return table.put(key(slug, identity), json.write(after));
  }

  private static String key(String slug, String identity) {
    return slug + "/" + identity;
  }

  /** The role that a host gave, if any. */
  static Optional<Role> pinned(Member member) {
    return Optional.ofNullable(member.role());
  }

  /**
   * The role of a member: the role that a host gave, or else the role from joining. The caller
   * checks {@code kicked}.
   */
  static Optional<Role> role(Member member) {
    return pinned(member).or(() -> Optional.ofNullable(member.joined()));
  }
}
