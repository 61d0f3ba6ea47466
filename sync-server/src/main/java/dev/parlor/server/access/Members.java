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
 * What hosts decided about people, durable, under {@code <slug>/<identity>}: a role that counts
 * instead of the link's, and who was removed. The room's document shows it to people; this is what
 * the server goes by.
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
   * @param role what a host gave, or null for what the link gives
   * @param kicked whether a host removed them
   * @param link the name of the link that they joined by last, or null
   * @param knows whether they have shown that they know the room's secret
   */
  public record Member(@Nullable Role role, boolean kicked, @Nullable String link, boolean knows) {
    static final Member PLAIN = new Member(null, false, null, false);
  }

  /** Everybody without a record is plain. */
  public Member of(String slug, String identity) {
    return table.get(key(slug, identity)).map(this::read).orElse(Member.PLAIN);
  }

  /** Gives a role that counts whatever link is shown; on disk when this returns. */
  public void setRole(String slug, String identity, Role role) {
    change(
        slug, identity, before -> new Member(role, before.kicked(), before.link(), before.knows()));
  }

  /** Removes somebody, or lets them in again; on disk when this returns. */
  public void setKicked(String slug, String identity, boolean kicked) {
    change(
        slug, identity, before -> new Member(before.role(), kicked, before.link(), before.knows()));
  }

  /** Notes that somebody knows the room's secret; on disk when this returns. */
  public void setKnows(String slug, String identity) {
    change(
        slug, identity, before -> new Member(before.role(), before.kicked(), before.link(), true));
  }

  /** Notes by which link somebody joined. */
  void joinedBy(String slug, String identity, String link) {
    if (!link.equals(of(slug, identity).link())) {
      change(
          slug,
          identity,
          before -> new Member(before.role(), before.kicked(), link, before.knows()));
    }
  }

  private void change(String slug, String identity, UnaryOperator<Member> how) {
    CompletableFuture<Void> written;
    synchronized (this) {
      var after = how.apply(of(slug, identity));
      try {
        written = table.put(key(slug, identity), Bytes.wrap(json.writeValueAsBytes(after)));
      } catch (JacksonException e) {
        throw new IllegalStateException("a record of strings is always writable", e);
      }
    }
    written.join();
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
}
