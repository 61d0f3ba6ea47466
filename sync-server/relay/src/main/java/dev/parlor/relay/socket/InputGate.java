package dev.parlor.relay.socket;

import dev.parlor.relay.document.DocumentHandle;
import dev.parlor.relay.document.InboundMessage;
import dev.parlor.relay.document.StepExecutor;
import dev.parlor.relay.health.Metrics;
import dev.parlor.relay.socket.transport.WebSocket;
import org.jspecify.annotations.Nullable;

/**
 * Backpressure of one connection. The socket is not read while a message waits for a full mailbox,
 * while another thread works on a message, or while the connection exceeds its rate. All methods
 * run on the socket's thread, except {@link #drained}.
 */
final class InputGate implements StepExecutor {

  /** The state of the connection's last message. */
  private sealed interface Work {

    /** The message is delivered. */
    enum Idle implements Work {
      IDLE
    }

    /** Another thread decodes the message, or decides about its document. */
    enum Task implements Work {
      TASK
    }

    /** The mailbox was full, so the message waits here. */
    record Undelivered(DocumentHandle handle, SocketPeer peer, InboundMessage inbound)
        implements Work {}
  }

  /**
   * The connection has exceeded its rate and must wait. A newer debt replaces an older one, whose
   * end is then ignored.
   */
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
    socket.executeAfterInput(step);
  }

  @Override
  public void drained() {
    socket.execute(this::retryDelivery);
  }

  /** Delivers a message to its document. If the mailbox is full, the message waits here. */
  void deliver(DocumentHandle handle, SocketPeer peer, InboundMessage inbound) {
    extraCost = inbound.cost() - inbound.bytes();
    if (!handle.receive(peer, inbound, this)) {
      work = new Work.Undelivered(handle, peer, inbound);
      socket.pause();
    }
  }

  private void retryDelivery() {
    if (work instanceof Work.Undelivered(var handle, var peer, var inbound)
        && !socket.isEnded()
        && handle.receive(peer, inbound, this)) {
      work = Work.Idle.IDLE;
      resumeIfReady();
    }
  }

  /** Another thread works on the message, until {@link #endTask}. */
  void startTask() {
    work = Work.Task.TASK;
    socket.pause();
  }

  /** The task has ended; {@link #resumeIfReady} must follow. */
  void endTask() {
    work = Work.Idle.IDLE;
  }

  /**
   * Charges messages and their bytes to the rate, with the extra cost of the last message; pauses
   * the socket if the rate is exceeded.
   */
  void charge(int messages, long bytes, long now) {
    var wait = throttle.spend(messages, bytes + extraCost, now);
    extraCost = 0;
    if (wait > 0) {
      metrics.throttled();
      var newDebt = new Debt();
      debt = newDebt;
      socket.pause();
      socket.after(
          wait,
          () -> {
            if (debt == newDebt) {
              debt = null;
              resumeIfReady();
            }
          });
    }
  }

  /** Reads the socket again if no message waits and there is no debt. */
  void resumeIfReady() {
    if (work == Work.Idle.IDLE && debt == null) {
      socket.resume();
    }
  }

  /** The number of bytes in the message that waits for its mailbox. */
  long heldBytes() {
    return work instanceof Work.Undelivered undelivered ? undelivered.inbound().bytes() : 0;
  }

  /** Discards the message that waits for its mailbox; called when the connection ends. */
  void discard() {
    if (work instanceof Work.Undelivered) {
      work = Work.Idle.IDLE;
    }
  }
}
