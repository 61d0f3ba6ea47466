package dev.parlor.relay.socket;

import dev.parlor.relay.document.DocumentHandle;
import dev.parlor.relay.document.Inbound;
import dev.parlor.relay.document.StepExecutor;
import dev.parlor.relay.health.Metrics;
import dev.parlor.relay.socket.transport.WebSocket;
import org.jspecify.annotations.Nullable;

/**
 * Backpressure of one connection: while a message waits for a full mailbox, is decoded on another
 * thread, or exceeds the rate, the socket is not read. Input flows if the work is idle and there is
 * no debt. On the socket's thread, except {@link #drained}.
 */
final class InputGate implements StepExecutor {

  /** The last message of the connection, if it is not delivered yet. */
  private sealed interface Work {

    /** It is delivered. */
    enum Idle implements Work {
      IDLE
    }

    /** It is being decoded on another thread. */
    enum Decoding implements Work {
      DECODING
    }

    /** A full mailbox did not take it. */
    record Held(DocumentHandle handle, SocketPeer peer, Inbound inbound) implements Work {}
  }

  /** The rate is exceeded, until the debt is paid; only the newest debt counts. */
  private static final class Debt {}

  private final WebSocket socket;
  private final Throttle throttle;
  private final Metrics metrics;
  private Work work = Work.Idle.IDLE;
  private @Nullable Debt debt;

  /** The cost of the last message beyond its size, in bytes; the throttle charges both together. */
  private long extraCost;

  InputGate(WebSocket socket, Throttle throttle, Metrics metrics) {
    this.socket = socket;
    this.throttle = throttle;
    this.metrics = metrics;
  }

  @Override
  public void later(Runnable step) {
    socket.later(step);
  }

  @Override
  public void drained() {
    socket.execute(this::offerAgain);
  }

  /** Offers a message to its document; if the mailbox is full, the message waits here. */
  void deliver(DocumentHandle handle, SocketPeer peer, Inbound inbound) {
    extraCost = inbound.cost() - inbound.bytes();
    if (!handle.receive(peer, inbound, this)) {
      work = new Work.Held(handle, peer, inbound);
      socket.pause();
    }
  }

  private void offerAgain() {
    if (work instanceof Work.Held(var handle, var peer, var inbound)
        && !socket.isEnded()
        && handle.receive(peer, inbound, this)) {
      work = Work.Idle.IDLE;
      readOn();
    }
  }

  /** A message is decoded on another thread, until {@link #decoded}. */
  void decoding() {
    work = Work.Decoding.DECODING;
    socket.pause();
  }

  /** The message is decoded; {@link #charge} and {@link #readOn} must follow. */
  void decoded() {
    work = Work.Idle.IDLE;
  }

  /** Charges messages and their bytes, and the extra cost of the last message. */
  void charge(int messages, long bytes, long now) {
    var wait = throttle.spend(messages, bytes + extraCost, now);
    extraCost = 0;
    if (wait > 0) {
      metrics.throttled();
      var mine = new Debt();
      debt = mine;
      socket.pause();
      socket.after(
          wait,
          () -> {
            if (debt == mine) {
              debt = null;
              readOn();
            }
          });
    }
  }

  /** Reads on if input flows. */
  void readOn() {
    if (work == Work.Idle.IDLE && debt == null) {
      socket.resume();
    }
  }

  /** The number of bytes in the message that a full mailbox did not take. */
  long heldBytes() {
    return work instanceof Work.Held held ? held.inbound().bytes() : 0;
  }

  /** Discards that message; the connection ends. */
  void discard() {
    if (work instanceof Work.Held) {
      work = Work.Idle.IDLE;
    }
  }
}
