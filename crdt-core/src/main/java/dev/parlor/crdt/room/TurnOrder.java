package dev.parlor.crdt.room;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who sits where and whose turn it is: derived from the document, never stored, so that every
 * replica with the same document says the same.
 *
 * <h2>Seats [TU1]</h2>
 *
 * <p>Hosts, then players, each by (joinedAt, identity), up to {@code maxPlayers}; the others are
 * spectators however they joined. The order of turns is (joinedAt, identity) over all seated.
 *
 * <h2>Turns [TU2]</h2>
 *
 * <p>A play carries the turn that it claims. Turn 0 belongs to the first in order, the next one to
 * whoever follows the author of the accepted play. Of several plays of one turn that is accepted
 * whose author comes first in order from the holder on: the holder's own, if there is one; people
 * without a seat after those with one; then by time and id. The others are out of turn. So two
 * plays made apart leave one accepted, and as the count goes on from the accepted author, nobody
 * who was on turn is skipped by somebody else's haste.
 *
 * <h2>Passing over [TU3]</h2>
 *
 * <p>Presence is not in the document. Whoever is {@code away} is passed over when the present
 * holder is asked for; that a turn was played by the one after is then all that the document shows.
 * Hence the rule above accepts such a play, and hence a play out of turn with a free claim is
 * refused at the door ({@link #mayPlay}) rather than here.
 *
 * @param players identities on seats, in order
 * @param spectators everybody else, in order
 * @param turn the number of the turn to be played: how many plays were accepted
 * @param holder who is on turn; null in free mode or when nobody present has a seat
 * @param outOfTurn ids of cards that claim a turn and were not accepted
 */
public record TurnOrder(
    List<String> players,
    List<String> spectators,
    int turn,
    @Nullable String holder,
    Set<String> outOfTurn,
    boolean free) {

  /** (joinedAt, identity). */
  public static final Comparator<Participant> BY_JOINING =
      Comparator.comparingLong(Participant::joinedAt).thenComparing(Participant::identity);

  /**
   * Derives seats and turn from the document and from who is there.
   *
   * @param away identities to pass over: left, or away longer than the grace time
   */
  public static TurnOrder of(RoomView room, Set<String> away) {
    var seated = seated(room);
    var players = new ArrayList<String>();
    var spectators = new ArrayList<String>();
    for (var person : room.participants()) {
      (seated.contains(person.identity()) ? players : spectators).add(person.identity());
    }
    var free = room.settings().turnMode() == Settings.TurnMode.FREE;
    if (free) {
      return new TurnOrder(List.copyOf(players), List.copyOf(spectators), 0, null, Set.of(), true);
    }
    var circle = circle(room);
    var claims = claims(room);
    var accepted = new HashSet<String>();
    var previous = -1;
    var turn = 0;
    for (; claims.containsKey(turn); turn++) {
      var best = best(claims.get(turn), circle, seated, previous);
      if (best == null) {
        break;
      }
      accepted.add(best.id());
      previous = circle.indexOf(best.by());
    }
    var outOfTurn = new HashSet<String>();
    claims.values().forEach(cards -> cards.forEach(card -> outOfTurn.add(card.id())));
    outOfTurn.removeAll(accepted);
    return new TurnOrder(
        List.copyOf(players),
        List.copyOf(spectators),
        turn,
        holder(circle, seated, away, previous),
        Set.copyOf(outOfTurn),
        false);
  }

  /** Who may sit, hosts first. */
  private static Set<String> seated(RoomView room) {
    var seated = new HashSet<String>();
    for (var role : List.of(Participant.Role.HOST, Participant.Role.PLAYER)) {
      for (var person : room.participants()) {
        if (person.role() == role && seated.size() < room.settings().maxPlayers()) {
          seated.add(person.identity());
        }
      }
    }
    return seated;
  }

  /**
   * Everybody who may ever have held a turn. Seats do not matter here: a smaller {@code maxPlayers}
   * must not undo turns that were played.
   */
  private static List<String> circle(RoomView room) {
    return room.participants().stream()
        .filter(person -> person.role() != Participant.Role.SPECTATOR)
        .map(Participant::identity)
        .toList();
  }

  private static Map<Integer, List<Card>> claims(RoomView room) {
    var claims = new HashMap<Integer, List<Card>>();
    for (var card : room.cards()) {
      var turn = card.turn();
      if (turn != null) {
        claims.computeIfAbsent(turn, _ -> new ArrayList<>()).add(card);
      }
    }
    return claims;
  }

  private static @Nullable Card best(
      @Nullable List<Card> claims, List<String> circle, Set<String> seated, int previous) {
    return claims == null
        ? null
        : claims.stream()
            .filter(card -> circle.contains(card.by()))
            .min(
                Comparator.comparing((Card card) -> !seated.contains(card.by()))
                    .thenComparingInt(
                        card -> steps(circle.indexOf(card.by()), previous, circle.size()))
                    .thenComparingLong(Card::at)
                    .thenComparing(Card::id))
            .orElse(null);
  }

  /** How far around the circle a place is from the one after {@code previous}. */
  private static int steps(int place, int previous, int size) {
    return Math.floorMod(place - previous - 1, size);
  }

  private static @Nullable String holder(
      List<String> circle, Set<String> seated, Set<String> away, int previous) {
    for (var step = 1; step <= circle.size(); step++) {
      var next = circle.get(Math.floorMod(previous + step, circle.size()));
      if (seated.contains(next) && !away.contains(next)) {
        return next;
      }
    }
    return null;
  }

  /** Whether this identity may play a card now: on a seat, and on turn where there are turns. */
  public boolean mayPlay(String identity) {
    return players.contains(identity) && (free || identity.equals(holder));
  }

  /** The turn that a play made now carries; empty in free mode. */
  public Optional<Integer> claim() {
    return free ? Optional.empty() : Optional.of(turn);
  }
}
