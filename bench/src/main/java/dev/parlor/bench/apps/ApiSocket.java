package dev.parlor.bench.apps;

import dev.parlor.bench.load.Loop;
import dev.parlor.bench.load.RawSocket;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * A client of the apps API on one WebSocket. Requests need not wait for each other; the {@code tid}
 * of an answer finds its request. Owned by the loop's thread.
 */
final class ApiSocket implements RawSocket.Listener {

  private static final byte[] TID = "{\"tid\":\"".getBytes(StandardCharsets.US_ASCII);
  private static final String ERROR = "\"type\":\"vibes.diy.res-error\"";
  private static final int TYPE_WITHIN = 400;

  private final RawSocket socket;
  private final String auth;
  private final Map<Long, Consumer<byte[]>> waiting = new HashMap<>();
  private long nextTid;
  private boolean isOpen;

  /**
   * @param token a JSON Web Token
   */
  ApiSocket(Loop loop, int port, String token) {
    this.auth = "\",\"auth\":{\"type\":\"clerk\",\"token\":\"" + token + "\"}";
    this.socket = loop.connect(port, "/api", this);
  }

  boolean isOpen() {
    return isOpen;
  }

  /** Requests without their answer. */
  int waiting() {
    return waiting.size();
  }

  /**
   * Sends a request.
   *
   * @param type without {@code vibes.diy.}
   * @param fields the further members of the payload as JSON, each after a comma; may be empty
   * @param answered receives the whole answer
   */
  void send(String type, String fields, Consumer<byte[]> answered) {
    var tid = nextTid++;
    waiting.put(tid, answered);
    var message =
        "{\"tid\":\""
            + tid
            + "\",\"src\":\"bench\",\"dst\":\"parlor\",\"ttl\":6,\"payload\":{\"type\":\"vibes.diy."
            + type
            + auth
            + fields
            + "}}";
    socket.send(message.getBytes(StandardCharsets.UTF_8));
  }

  void close() {
    socket.close();
  }

  @Override
  public void opened() {
    isOpen = true;
  }

  @Override
  public void message(byte[] message) {
    var answered = waiting.remove(tid(message));
    var start =
        new String(message, 0, Math.min(message.length, TYPE_WITHIN), StandardCharsets.ISO_8859_1);
    if (answered == null || start.contains(ERROR)) {
      throw new IllegalStateException(
          "the server refused: " + new String(message, StandardCharsets.UTF_8));
    }
    answered.accept(message);
  }

  /** The number at the start of an answer; -1 if the answer starts otherwise. */
  private static long tid(byte[] message) {
    var at = TID.length;
    if (message.length < at || !startsWithTid(message)) {
      return -1;
    }
    var tid = 0L;
    for (; at < message.length && message[at] != '"'; at++) {
      tid = tid * 10 + (message[at] - '0');
    }
    return tid;
  }

  private static boolean startsWithTid(byte[] message) {
    for (var i = 0; i < TID.length; i++) {
      if (message[i] != TID[i]) {
        return false;
      }
    }
    return true;
  }

  @Override
  public void closed(String reason) {
    throw new IllegalStateException("a socket of the API ended: " + reason);
  }
}
