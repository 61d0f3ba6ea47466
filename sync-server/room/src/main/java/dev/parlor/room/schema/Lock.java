package dev.parlor.room.schema;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A request for a generation, written by a peer into {@code generation/lock}. A lock alone starts
 * nothing: only the server grants.
 *
 * @param request id of the request and of its result
 * @param at time of the request by the requester's clock, in milliseconds since 1970
 * @param cards ids of the cards to use
 * @param seen the generation epoch that the requester saw
 * @param after the request whose answer this one follows, empty for a fresh start
 * @param attach texts that go with the question
 * @param chat the id of the chat entry that asks, or null
 */
public record Lock(
    String request,
    String by,
    long at,
    String query,
    List<String> cards,
    long seen,
    String after,
    List<Attachment> attach,
    @Nullable String chat) {
  public Lock {
    cards = List.copyOf(cards);
    attach = List.copyOf(attach);
  }

  /** A request without attachments. */
  public Lock(
      String request,
      String by,
      long at,
      String query,
      List<String> cards,
      long seen,
      String after) {
    this(request, by, at, query, cards, seen, after, List.of(), null);
  }

  /** A request for a fresh start. */
  public Lock(String request, String by, long at, String query, List<String> cards, long seen) {
    this(request, by, at, query, cards, seen, "");
  }

  /** This request with the present words of its notes [GE2]. */
  public Lock frozen(RoomView room) {
    if (attach.isEmpty()) {
      return this;
    }
    var words = attach.stream().map(each -> each.frozen(room)).toList();
    return new Lock(request, by, at, query, cards, seen, after, words, chat);
  }
}
