package dev.parlor.room.access;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.parlor.relay.admission.Role;
import dev.parlor.relay.storage.RecordTable;
import dev.parlor.relay.storage.RecordUpdate;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The members of all rooms, in a durable table under {@code <slug>/<identity>}. A record holds the
 * role from joining, the role that a host assigned instead, the time of joining, and whether a host
 * removed the member. Only these records determine the rights of a member; the room's document
 * shows them to people.
 *
 * <p>A guest ({@code guest:<peer id>}) has a record only while it has a seat. Of a guest's record
 * only {@link Member#joinedAt} is used.
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
   * One person in one room. The names in the stored JSON are those of earlier versions.
   *
   * @param role the role that a host assigned, or null; it replaces {@code joinedRole}
   * @param kicked whether a host removed the person
   * @param link the name of the link that the person used last, or null
   * @param knowsSecret whether the person knows the room's secret
   * @param joinedRole the highest role that a link gave when the person joined; null before joining
   *     and in records of earlier versions
   * @param joinedAt milliseconds since the epoch; null until recorded
   */
  public record Member(
      @Nullable Role role,
      boolean kicked,
      @Nullable String link,
      @JsonProperty("knows") boolean knowsSecret,
      @JsonProperty("joined") @Nullable Role joinedRole,
      @Nullable Long joinedAt) {
    static final Member DEFAULT = new Member(null, false, null, false, null, null);

    /**
     * Whether an earlier version of Parlor wrote this record. That version stored the role only in
     * the document.
     */
    public boolean fromEarlierVersion() {
      return link != null && joinedRole == null && role == null;
    }

    Member withRole(@Nullable Role assigned) {
      return new Member(assigned, kicked, link, knowsSecret, joinedRole, joinedAt);
    }

    Member withKicked(boolean isKicked) {
      return new Member(role, isKicked, link, knowsSecret, joinedRole, joinedAt);
    }

    Member withLink(String name) {
      return new Member(role, kicked, name, knowsSecret, joinedRole, joinedAt);
    }

    Member withSecretKnown() {
      return new Member(role, kicked, link, true, joinedRole, joinedAt);
    }

    Member withJoinedRole(Role newRole) {
      return new Member(role, kicked, link, knowsSecret, newRole, joinedAt);
    }

    Member withJoinedAt(long millis) {
      return new Member(role, kicked, link, knowsSecret, joinedRole, millis);
    }

    /**
     * Raises the joined role to at least this role. The host role has the lowest ordinal, so a
     * higher role is a smaller value.
     */
    Member withJoinedRoleAtLeast(Role minimum) {
      return joinedRole != null && joinedRole.compareTo(minimum) <= 0
          ? this
          : withJoinedRole(minimum);
    }
  }

  /** The record of an identity, or {@link Member#DEFAULT} if it has none. */
  public Member of(String slug, String identity) {
    return table.get(key(slug, identity)).map(json::read).orElse(Member.DEFAULT);
  }

  /**
   * Sets the role that a host assigned. It overrides the role of any link. On disk when this
   * returns.
   */
  public void setRole(String slug, String identity, Role role) {
    updateAndWait(slug, identity, member -> member.withRole(role));
  }

  /** Records that a host removed a member or let the member in again; on disk when this returns. */
  public void setKicked(String slug, String identity, boolean kicked) {
    updateAndWait(slug, identity, member -> member.withKicked(kicked));
  }

  /** Records that a member knows the room's secret; on disk when this returns. */
  public void setKnowsSecret(String slug, String identity) {
    updateAndWait(slug, identity, Member::withSecretKnown);
  }

  /**
   * Records an owner: joined as host, not removed, without a role that a host assigned, and knowing
   * the secret. On disk when this returns.
   */
  public void setOwner(String slug, String identity) {
    updateAndWait(
        slug,
        identity,
        member ->
            member.withRole(null).withKicked(false).withJoinedRole(Role.HOST).withSecretKnown());
  }

  /**
   * Migrates a member of an earlier version, which stored the role only in the document. On disk
   * when this returns.
   */
  public void migrate(String slug, String identity, Role documentRole) {
    updateAndWait(
        slug,
        identity,
        member -> member.fromEarlierVersion() ? member.withJoinedRole(documentRole) : member);
  }

  /**
   * Records the link that a member used, and raises the joined role to at least {@code minimum}. On
   * disk when this returns.
   */
  void recordJoin(String slug, String identity, Optional<String> link, Role minimum) {
    updateAndWait(
        slug,
        identity,
        member -> link.map(member::withLink).orElse(member).withJoinedRoleAtLeast(minimum));
  }

  /**
   * The time when a member joined, in milliseconds since the epoch. If none is recorded, records
   * {@code defaultMillis} and returns it. Does not wait for the disk.
   */
  public long joinedAt(String slug, String identity, long defaultMillis) {
    var _ =
        update(
            slug,
            identity,
            member -> member.joinedAt() == null ? member.withJoinedAt(defaultMillis) : member);
    var recorded = of(slug, identity).joinedAt();
    return recorded == null ? defaultMillis : recorded;
  }

  /** Deletes a record. Does not wait for the disk. */
  public void forget(String slug, String identity) {
    var _ = table.remove(key(slug, identity));
  }

  /** Updates a record; completes when it is on disk, or at once if the record stays the same. */
  private CompletableFuture<Member> update(
      String slug, String identity, UnaryOperator<Member> change) {
    return RecordUpdate.start(
        table,
        key(slug, identity),
        stored -> {
          var before = stored.map(json::read).orElse(Member.DEFAULT);
          var after = change.apply(before);
          return after.equals(before)
              ? RecordUpdate.Decision.keep(before)
              : RecordUpdate.Decision.put(json.write(after), after);
        });
  }

  private void updateAndWait(String slug, String identity, UnaryOperator<Member> change) {
    var _ = RecordUpdate.await(update(slug, identity, change));
  }

  /** Asks the cluster for a record; returns whether it was asked. */
  boolean refresh(FreshRecords fresh, String slug, String identity) {
    return fresh.refresh(table, key(slug, identity));
  }

  private static String key(String slug, String identity) {
    return slug + "/" + identity;
  }

  /**
   * The role of a member: the role that a host assigned, or else the role from joining. The caller
   * of this method checks {@code kicked}.
   */
  static Optional<Role> role(Member member) {
    return Optional.ofNullable(member.role()).or(() -> Optional.ofNullable(member.joinedRole()));
  }
}
