package dev.parlor.bench.apps;

import dev.parlor.bench.load.Loop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeoutException;

/** Opens sockets of the API, one for each user. */
final class Clients {

  private static final Duration STEP_MAX = Duration.ofSeconds(30);

  private final Loop loop;
  private final int port;
  private final Users users;

  Clients(Loop loop, int port, Users users) {
    this.loop = loop;
    this.port = port;
    this.users = users;
  }

  Loop loop() {
    return loop;
  }

  int port() {
    return port;
  }

  /** Opens a socket for each of {@code count} users whose names begin with the prefix. */
  List<ApiSocket> open(String prefix, int count) throws TimeoutException {
    var sockets = new ArrayList<ApiSocket>();
    for (var i = 0; i < count; i++) {
      sockets.add(new ApiSocket(loop, port, users.token(prefix + i)));
    }
    loop.runUntil(
        () -> sockets.stream().allMatch(ApiSocket::isOpen), STEP_MAX, "opening the sockets");
    return sockets;
  }

  /** Waits until every request of the sockets is answered. */
  void awaitAnswers(List<ApiSocket> sockets, String activity) throws TimeoutException {
    loop.runUntil(
        () -> sockets.stream().allMatch(socket -> socket.waiting() == 0), STEP_MAX, activity);
  }
}
