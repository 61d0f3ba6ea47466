package dev.parlor.relay;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.parlor.relay.config.FixedLimits;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ClientMovesTest {

  private final AtomicLong away = new AtomicLong();
  private final List<Integer> closed = new ArrayList<>();
  private int open = 250;
  private final ClientMoves moves = new ClientMoves(away::get, this::sockets);

  private List<Runnable> sockets() {
    var actions = new ArrayList<Runnable>();
    for (var i = 0; i < open; i++) {
      var number = i;
      actions.add(() -> closed.add(number));
    }
    return actions;
  }

  @AfterEach
  void close() {
    moves.close();
  }

  @Test
  @DisplayName("no client is moved before the cluster was away for 30 s")
  void notBefore() {
    away.set(FixedLimits.AWAY_MOVE_MILLIS - 1);
    moves.check();
    assertEquals(List.of(), closed);
  }

  @Test
  @DisplayName(
      "of 250 clients 3 are moved in each second, each once, and then the round begins again")
  void onePercentEachSecond() {
    away.set(FixedLimits.AWAY_MOVE_MILLIS);
    moves.check();
    assertEquals(List.of(0, 1, 2), closed);
    for (var second = 1; second < 84; second++) {
      moves.check();
    }
    assertEquals(250, closed.size());
    assertEquals(250, closed.stream().distinct().count());
    open = 1;
    moves.check();
    assertEquals(251, closed.size());
  }

  @Test
  @DisplayName("when the cluster is back, no further client is moved")
  void stopsWhenBack() {
    away.set(FixedLimits.AWAY_MOVE_MILLIS);
    moves.check();
    away.set(0);
    moves.check();
    moves.check();
    assertEquals(3, closed.size());
    away.set(FixedLimits.AWAY_MOVE_MILLIS);
    moves.check();
    assertEquals(List.of(0, 1, 2, 0, 1, 2), closed);
  }

  @Test
  @DisplayName("without clients nothing happens")
  void noClients() {
    open = 0;
    away.set(FixedLimits.AWAY_MOVE_MILLIS);
    moves.check();
    assertEquals(List.of(), closed);
  }
}
