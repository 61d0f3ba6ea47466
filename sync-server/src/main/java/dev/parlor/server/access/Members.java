package dev.parlor.server.access;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.server.admission.Role;
import dev.parlor.server.storage.RecordTable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The members of every room, durable, under {@code <slug>/<identity>}: the role that each joined
 * with, the role that a host gave instead, when they joined, and whether a host removed them. The
 * room's document shows it to people; this is what the server goes by.
 *
 * <p>A guest ({@code guest:<peer id>}) has a record only while it has a seat, and only its {@link
 * Member#joinedAt} counts.
 */
public final class Members {
  private final RecordTable table;
  private final ObjectMapper json = new ObjectMapper();

  /**
   * @param table the durable table {@code members}
   */
  public Members(RecordTable table) {
    this.table = table;
  }

  /**
   * One person in one room.
   *
   * @param role that a host gave, or null; it counts instead of {@code joined}
   * @param kicked whether a host removed them
   * @param link the name of the link that they joined by last, or null
   * @param knows whether they have shown that they know the room's secret
   * @param joined the strongest role that a link gave when they joined; null before they join, and
   *     in records of earlier versions
   * @param joinedAt milliseconds since the epoch; null until it is noted
   */
  public record Member(
      @Nullable Role role,
      boolean kicked,
      @Nullable String link,
      boolean knows,
      @Nullable Role joined,
      @Nullable Long joinedAt) {
    static final Member PLAIN = new Member(null, false, null, false, null, null);

    /** Whether an earlier version wrote this, which kept the role in the document alone. */
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

    /** Hosts have the lowest ordinal, so the stronger of two roles is the smaller. */
    Member withAtLeast(Role as) {
      return joined != null && joined.compareTo(as) <= 0 ? this : withJoined(as);
    }
  }

  /** Everybody without a record is plain. */
  public Member of(String slug, String identity) {
    return table.get(key(slug, identity)).map(this::read).orElse(Member.PLAIN);
  }

  /** Gives a role that counts whatever link is shown; on disk when this returns. */
  public void setRole(String slug, String identity, Role role) {
    change(slug, identity, before -> before.withRole(role)).join();
  }

  /** Removes somebody, or lets them in again; on disk when this returns. */
  public void setKicked(String slug, String identity, boolean kicked) {
    change(slug, identity, before -> before.withKicked(kicked)).join();
  }

  /** Notes that somebody knows the room's secret; on disk when this returns. */
  public void setKnows(String slug, String identity) {
    change(slug, identity, Member::knowing).join();
  }

  /** An owner is a member whom nobody has removed or given a role; on disk when this returns. */
  public void setOwner(String slug, String identity) {
    change(
            slug,
            identity,
            before -> before.withRole(null).withKicked(false).withJoined(Role.HOST).knowing())
        .join();
  }

  /**
   * Takes over the role that an earlier version kept in the document; on disk when this returns.
   */
  public void adopt(String slug, String identity, Role shown) {
    change(
            slug,
            identity,
            before -> before.fromEarlierVersion() ? before.withJoined(shown) : before)
        .join();
  }

  /** Notes by which link somebody came in, and at least as what; on disk when this returns. */
  void joinedBy(String slug, String identity, Optional<String> link, Role atLeast) {
    change(slug, identity, before -> link.map(before::withLink).orElse(before).withAtLeast(atLeast))
        .join();
  }

  /**
   * When somebody joined: the time that is noted, or this one, which is noted from now on. Does not
   * wait for the disk.
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

  /** Forgets a record. Does not wait for the disk. */
  public void forget(String slug, String identity) {
    var _ = table.remove(key(slug, identity));
  }

  /** Completes when the record is on disk; at once when nothing changes. */
  private synchronized CompletableFuture<Void> change(
      String slug, String identity, UnaryOperator<Member> how) {
    var before = of(slug, identity);
    var after = how.apply(before);
    if (after.equals(before)) {
      return CompletableFuture.completedFuture(null);
    }
    try {
      return table.put(key(slug, identity), Bytes.wrap(json.writeValueAsBytes(after)));
    } catch (JacksonException e) {
      throw new IllegalStateException("a record of strings is always writable", e);
    }
  }

  private static String key(String slug, String identity) {
    return slug + "/" + identity;
  }

  private Member read(Bytes record) {
    try {
      return json.readValue(record.toArray(), Member.class);
    } catch (IOException e) {
      throw new UncheckedIOException("the record of a member is unreadable", e);
    }
  }

  /** The role that counts, if a host gave one. */
  static Optional<Role> pinned(Member member) {
    return Optional.ofNullable(member.role());
  }

  /** The role of a member whom nobody removed, by what a host gave or by how they joined. */
  static Optional<Role> role(Member member) {
    return pinned(member).or(() -> Optional.ofNullable(member.joined()));
  }
}
