package dev.parlor.apps.socket;

import dev.parlor.apps.api.AppsApi;
import dev.parlor.apps.limits.AppLimits;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.relay.document.CloseCodes;
import dev.parlor.relay.socket.transport.WebSocket;
import dev.parlor.relay.socket.transport.WebSocketHandler;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * One socket of the apps API. Requests are handled in the order of their arrival; each is answered
 * when its outcome is durable, so a later answer may come before an earlier one. With {@link
 * AppLimits#IN_FLIGHT_MAX} requests without their answer the socket is not read.
 */
final class ApiSocket implements WebSocketHandler {
  private final AppsApi api;
  private final WebSocket socket;
  private final String address;
  private final BooleanSupplier memoryIsFull;
  private final Consumer<ApiSocket> ended;

  // These fields are used on the socket's thread only.
  private final Queue<Bytes> arrived = new ArrayDeque<>();
  private boolean working;
  private int inFlight;

  /**
   * @param address the client's address, for its rate
   * @param ended called once, when the socket has ended
   */
  ApiSocket(
      AppsApi api,
      WebSocket socket,
      String address,
      BooleanSupplier memoryIsFull,
      Consumer<ApiSocket> ended) {
    this.api = api;
    this.address = address;
    this.socket = socket;
    this.memoryIsFull = memoryIsFull;
    this.ended = ended;
  }

  @Override
  public int messageBytesMax() {
    return AppLimits.MESSAGE_BYTES_MAX;
  }

  @Override
  public boolean takesText() {
    return true;
  }

  /** Closes the socket because the server stops; callable from any thread. */
  void restart() {
    socket.execute(() -> socket.outbox().close(CloseCodes.RESTART, "the server restarts", null));
  }

  @Override
  public void opened() {}

  @Override
  public void binary(Bytes message) {
    arrived(message);
  }

  @Override
  public void text(Bytes message) {
    arrived(message);
  }

  private void arrived(Bytes message) {
    arrived.add(message);
    inFlight++;
    if (inFlight == AppLimits.IN_FLIGHT_MAX) {
      socket.pause();
    }
    workIfIdle();
  }

  /** Starts the next request on a virtual thread, since handling may block. */
  private void workIfIdle() {
    var next = working ? null : arrived.poll();
    if (next == null) {
      return;
    }
    working = true;
    Thread.ofVirtual()
        .name("apps-api")
        .start(
            () -> {
              var answer = api.handle(new AppsApi.Message(next, address, Optional.empty(), false));
              socket.execute(
                  () -> {
                    working = false;
                    workIfIdle();
                  });
              var _ = answer.thenAccept(this::answered);
            });
  }

  private void answered(AppsApi.Answer answer) {
    socket.outbox().offerText(answer.body());
    socket.outbox().flush();
    socket.execute(
        () -> {
          if (inFlight-- == AppLimits.IN_FLIGHT_MAX) {
            socket.resume();
          }
        });
  }

  @Override
  public void frameRead(int payloadBytes) {}

  @Override
  public void awaitsInput() {
    if (memoryIsFull.getAsBoolean()) {
      socket.outbox().close(CloseCodes.OVERLOAD, "the server's memory is full", null);
      socket.discard();
    }
  }

  @Override
  public void violated(int code, String rule, String reason) {
    socket.outbox().close(code, "[" + rule + "] " + reason, null);
  }

  @Override
  public void closing() {
    arrived.clear();
  }

  @Override
  public void checkTimeouts(long nowNanos) {}

  @Override
  public void ended(int code) {
    arrived.clear();
    ended.accept(this);
  }
}
