package dev.parlor.room.schema;

import java.util.List;

/**
 * A request for a generation, written by a peer into {@code generation/lock}. A lock alone starts
 * nothing: only the server grants.
 *
 * @param request id of the request and of its result
 * @param at time of the request by the requester's clock, in milliseconds since 1970
 * @param cards ids of the cards to use
 * @param seen the generation epoch that the requester saw; if another run was granted since then,
 *     the request is stale
 * @param after the request whose answer this one follows, empty for a fresh start
 */
public record Lock(
    String request, String by, long at, String query, List<String> cards, long seen, String after) {
  public Lock {
    cards = List.copyOf(cards);
  }

  /** A request for a fresh start. */
  public Lock(String request, String by, long at, String query, List<String> cards, long seen) {
    this(request, by, at, query, cards, seen, "");
  }
}
