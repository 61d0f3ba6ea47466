package dev.parlor.room.schema;

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
 * Derives the seats and turns of a room from its document. They are never stored, so all replicas
 * with the same document have the same seats and turns.
 *
 * <h2>Seats [TU1]</h2>
 *
 * <p>Seats go to hosts, then to players, each in the order (joinedAt, identity), up to {@code
 * maxPlayers}. All other participants are spectators, whatever their role. The order of turns is
 * (joinedAt, identity) over all seated participants.
 *
 * <h2>Turns [TU2]</h2>
 *
 * <p>A play names the turn that it claims. Turn 0 belongs to the first participant in order. Each
 * later turn belongs to the participant after the author of the last accepted play. If several
 * plays claim one turn, one of them is accepted. Plays of authors with a seat take precedence; then
 * the order of turns from the holder on decides, then time and id. The other plays are out of turn.
 * The order continues after the accepted author, so a play out of turn skips no holder.
 *
 * <h2>Absent participants [TU3]</h2>
 *
 * <p>Presence is not in the document. The present holder is computed without the participants in
 * {@code away}, so the next participant may play the turn of an absent holder. In the document,
 * such a play looks like an early play by the same participant. TU2 accepts both; {@link #mayPlay}
 * refuses an early play before it is written.
 *
 * @param players identities with a seat, in order
 * @param spectators all other identities, in order
 * @param turn the number of the next turn, which is the number of accepted plays
 * @param holder identity whose turn it is; null in free mode, or if no present participant has a
 *     seat
 * @param outOfTurn ids of cards that claim a turn and were not accepted
 * @param free whether the room has no turns
 */
public record TurnOrder(
    List<String> players,
    List<String> spectators,
    int turn,
    @Nullable String holder,
    Set<String> outOfTurn,
    boolean free) {

  /** By (joinedAt, identity). */
  public static final Comparator<Participant> BY_JOINING =
      Comparator.comparingLong(Participant::joinedAt).thenComparing(Participant::identity);

  /**
   * Derives seats and turn from the document and the absent identities.
   *
   * @param away identities that have been disconnected for longer than the grace time
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
    var rotation = rotation(room);
    var claims = claims(room);
    var accepted = new HashSet<String>();
    var previous = -1;
    var turn = 0;
    for (; claims.containsKey(turn); turn++) {
      var best = best(claims.get(turn), rotation, seated, previous);
      if (best == null) {
        break;
      }
      accepted.add(best.id());
      previous = rotation.indexOf(best.by());
    }
    var outOfTurn = new HashSet<String>();
    claims.values().forEach(cards -> cards.forEach(card -> outOfTurn.add(card.id())));
    outOfTurn.removeAll(accepted);
    return new TurnOrder(
        List.copyOf(players),
        List.copyOf(spectators),
        turn,
        holder(rotation, seated, away, previous),
        Set.copyOf(outOfTurn),
        false);
  }

  /** The identities with a seat, hosts first. */
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
   * All identities that may have held a turn, in order. Seats do not matter here, since a smaller
   * {@code maxPlayers} must not undo turns that were played.
   */
  private static List<String> rotation(RoomView room) {
    return room.participants().stream()
        .filter(person -> person.role() != Participant.Role.SPECTATOR)
        .map(Participant::identity)
        .toList();
  }

  /** The cards that claim each turn. */
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

  /** The card that is accepted for a turn [TU2]; null without one. */
  private static @Nullable Card best(
      @Nullable List<Card> claims, List<String> rotation, Set<String> seated, int previous) {
    return claims == null
        ? null
        : claims.stream()
            .filter(card -> rotation.contains(card.by()))
            .min(
                Comparator.comparing((Card card) -> !seated.contains(card.by()))
                    .thenComparingInt(
                        card -> steps(rotation.indexOf(card.by()), previous, rotation.size()))
                    .thenComparingLong(Card::at)
                    .thenComparing(Card::id))
            .orElse(null);
  }

  /** The number of steps in the rotation from the place after {@code previous} to {@code place}. */
  private static int steps(int place, int previous, int size) {
    return Math.floorMod(place - previous - 1, size);
  }

  private static @Nullable String holder(
      List<String> rotation, Set<String> seated, Set<String> away, int previous) {
    for (var step = 1; step <= rotation.size(); step++) {
      var next = rotation.get(Math.floorMod(previous + step, rotation.size()));
      if (seated.contains(next) && !away.contains(next)) {
        return next;
      }
    }
    return null;
  }

  /**
   * Whether this identity may play a card now: it has a seat, and the turn if the room has turns.
   */
  public boolean mayPlay(String identity) {
    return players.contains(identity) && (free || identity.equals(holder));
  }

  /** The turn that the next play claims; empty in free mode. */
  public Optional<Integer> claim() {
    return free ? Optional.empty() : Optional.of(turn);
  }
}
