package dev.parlor.relay.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.parlor.relay.admission.Permission;
import dev.parlor.relay.socket.DocumentAccess.Decision;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The permission of an open stream, with decisions and times of the test. */
class StreamPermissionTest {
  private static final long SECOND = 1_000_000_000L;
  private static final Decision UNAVAILABLE = new Decision.Unavailable("TK5", "no answer");
  private static final Decision DENIED = new Decision.Denied("TK2", "no permission");

  private final Deque<Decision> decisions = new ArrayDeque<>();

  private static Decision allowedFor(int seconds) {
    return new Decision.Allowed(Permission.READ, Optional.of(Duration.ofSeconds(seconds)));
  }

  private StreamPermission permission(Optional<Duration> tokenValidFor, Decision... answers) {
    decisions.addAll(List.of(answers));
    return new StreamPermission(decisions::removeFirst, tokenValidFor, 0);
  }

  @Test
  @DisplayName("a stream ends when the token expires, and not before")
  void tokenExpires() {
    var permission =
        permission(Optional.of(Duration.ofSeconds(60)), new Decision.Allowed(Permission.READ));
    assertEquals(Optional.empty(), permission.check(0));
    assertEquals(60 * SECOND, permission.nanosToCheck(0));
    assertEquals(Optional.empty(), permission.check(60 * SECOND - 1));
    assertEquals(Optional.of("token-expired"), permission.check(60 * SECOND));
  }

  @Test
  @DisplayName(
      "a decision is made again when it ends or when that is ordered, and a denial ends the stream")
  void decisionEnds() {
    var permission = permission(Optional.empty(), allowedFor(10), allowedFor(10), DENIED);
    assertEquals(Optional.empty(), permission.check(0));
    assertEquals(Optional.empty(), permission.check(10 * SECOND - 1));
    assertEquals(2, decisions.size());
    assertEquals(Optional.empty(), permission.check(10 * SECOND));
    assertEquals(1, decisions.size());
    permission.decideAgain();
    assertEquals(0, permission.nanosToCheck(11 * SECOND));
    assertEquals(Optional.of("no-permission"), permission.check(11 * SECOND));
  }

  @Test
  @DisplayName(
      "without an answer of the app's backend a stream stays open for a minute after the last decision")
  void backendIsAway() {
    var permission = permission(Optional.empty(), allowedFor(10));
    assertEquals(Optional.empty(), permission.check(0));
    for (var second = 10; second <= 70; second += 5) {
      decisions.add(UNAVAILABLE);
      assertEquals(Optional.empty(), permission.check(second * SECOND), second + " s");
      assertEquals(5 * SECOND, permission.nanosToCheck(second * SECOND));
    }
    decisions.add(UNAVAILABLE);
    assertEquals(Optional.of("no-decision"), permission.check(75 * SECOND));
  }
}
