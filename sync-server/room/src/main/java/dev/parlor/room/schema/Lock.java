package dev.parlor.room.schema;

import java.util.List;

/**
 * A request for a generation, written by a peer into {@code generation/lock}. A lock alone starts
 * nothing: only the server grants.
 *
 * @param request id of the request and of its result
 * @param at milliseconds since the epoch by the requester's clock
 * @param cards ids of the cards at the request
 * @param seen the epoch that the requester saw; a request made before a later run is stale
 * @param after the request whose answer this one follows, empty for a fresh start
 */
public record Lock(
    String request, String by, long at, String query, List<String> cards, long seen, String after) {
  public Lock {
    cards = List.copyOf(cards);
  }

  /** A fresh start. */
  public Lock(String request, String by, long at, String query, List<String> cards, long seen) {
    this(request, by, at, query, cards, seen, "");
  }
}
