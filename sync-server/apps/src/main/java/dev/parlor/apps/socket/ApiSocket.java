package dev.parlor.apps.socket;

import dev.parlor.apps.api.AppsApi;
import dev.parlor.apps.limits.AppLimits;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.relay.document.CloseCodes;
import dev.parlor.relay.socket.transport.WebSocket;
import dev.parlor.relay.socket.transport.WebSocketHandler;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
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

  /** Requests that wait; the socket's thread adds them, a virtual thread takes them. */
  private final Queue<Bytes> arrived = new ConcurrentLinkedQueue<>();

  /** Requests whose handling has not begun to its end; above 0, a virtual thread handles them. */
  private final AtomicInteger unhandled = new AtomicInteger();

  private final AtomicInteger inFlight = new AtomicInteger();
  private volatile boolean isClosing;

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
    if (inFlight.incrementAndGet() >= AppLimits.IN_FLIGHT_MAX) {
      socket.pause();
    }
    if (unhandled.getAndIncrement() == 0) {
      Thread.ofVirtual().name("apps-api").start(this::handleAll);
    }
  }

  /** Handles requests until none waits. Runs on a virtual thread, since handling may block. */
  private void handleAll() {
    do {
      var next = arrived.remove();
      if (!isClosing) {
        var _ =
            api.handle(new AppsApi.Message(next, address, Optional.empty(), false))
                .thenAccept(this::answered);
      }
    } while (unhandled.decrementAndGet() > 0);
  }

  private void answered(AppsApi.Answer answer) {
    socket.outbox().offerText(answer.body());
    socket.outbox().flush();
    if (inFlight.getAndDecrement() == AppLimits.IN_FLIGHT_MAX) {
      socket.execute(this::resumeIfAnswered);
    }
  }

  /** Reads on, unless new requests have arrived before the pause. */
  private void resumeIfAnswered() {
    if (inFlight.get() < AppLimits.IN_FLIGHT_MAX) {
      socket.resume();
    }
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
    isClosing = true;
  }

  @Override
  public void checkTimeouts(long nowNanos) {}

  @Override
  public void ended(int code) {
    isClosing = true;
    ended.accept(this);
  }
}
