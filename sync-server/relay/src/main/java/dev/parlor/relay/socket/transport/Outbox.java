package dev.parlor.relay.socket.transport;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.PeerId;
import dev.parlor.relay.config.FixedLimits;
import dev.parlor.relay.config.Limits;
import dev.parlor.relay.document.CloseCodes;
import dev.parlor.relay.health.Metrics;
import java.io.IOException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The queue of frames for one socket. {@link #offer} only queues a frame; {@link #flush} starts
 * sending, without blocking. If the queue exceeds its limit, the session is closed with 1013: sync
 * is an ordered stream, so no message is removed from its middle. Ephemeral messages may be removed
 * [EP6]. Safe from any thread.
 */
public final class Outbox {

  private final FrameSender sender;
  private final Limits.Outbox limits;
  private final Metrics metrics;
  private final FrameQueue queue;
  private final ReentrantLock lock = new ReentrantLock();
  private boolean closing;
  private boolean stopped;
  private volatile boolean done;
  private volatile int closeCode;

  Outbox(FrameSender sender, Limits.Outbox limits, Metrics metrics) {
    this.sender = sender;
    this.limits = limits;
    this.metrics = metrics;
    this.queue = new FrameQueue(metrics);
  }

  /**
   * Queues a binary message of two parts, of which many sockets may share the first. Returns false
   * if the session is closing, also because this message exceeds the limit.
   */
  public boolean offer(Bytes shared, Bytes own) {
    return offer(new Frames.Message(shared, own));
  }

  /** Queues a text message in UTF-8, like {@link #offer}. */
  public boolean offerText(Bytes text) {
    return offer(new Frames.Text(text));
  }

  private boolean offer(Frames.Item message) {
    lock.lock();
    try {
      if (closing) {
        return false;
      }
      if (isUnderPressure() || wouldOverflow(message)) {
        // One step may queue many frames at once, which does not mean that the client is slow.
        send();
      }
      if (wouldOverflow(message)) {
        overflow();
        return false;
      }
      queue.add(message);
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** Queues a message that may be dropped; false if the session is closing. */
  public boolean offerEphemeral(Bytes shared, Bytes own, PeerId author) {
    lock.lock();
    try {
      if (closing) {
        return false;
      }
      if (isUnderPressure()) {
        send();
      }
      if (isUnderPressure()
          && !queue.dropEphemeral(author)
          && (queue.frames() >= limits.framesMax() / 2 || queue.bytes() >= limits.bytesMax() / 2)) {
        return true;
      }
      queue.addEphemeral(new Frames.Message(shared, own), author);
      return true;
    } finally {
      lock.unlock();
    }
  }

  void ping() {
    offerControl(new Frames.Ping());
  }

  void pong(Bytes payload) {
    offerControl(new Frames.Pong(payload));
  }

  /**
   * Sends the queued frames, then the last message if there is one, then the close frame. Only the
   * first call has an effect.
   */
  public void close(int code, String reason, @Nullable Bytes lastMessage) {
    lock.lock();
    try {
      if (closing) {
        return;
      }
      if (lastMessage != null) {
        queue.add(new Frames.Message(lastMessage, Bytes.EMPTY));
      }
      queueClose(code, reason);
      send();
    } finally {
      lock.unlock();
    }
  }

  /** The code that the session is closed with; 0 while the session is open. */
  public int closeCode() {
    return closeCode;
  }

  /** Whether the close frame was sent, or nothing will be sent any more. */
  boolean isDone() {
    return done;
  }

  /** Starts sending the queued frames. */
  public void flush() {
    lock.lock();
    try {
      send();
    } finally {
      lock.unlock();
    }
  }

  /** The number of queued frames. */
  public int depth() {
    lock.lock();
    try {
      return queue.frames();
    } finally {
      lock.unlock();
    }
  }

  /** The number of queued bytes. */
  public long bytes() {
    lock.lock();
    try {
      return queue.bytes();
    } finally {
      lock.unlock();
    }
  }

  /** Discards the queued frames. A close must follow, so that the client notices the gap. */
  void discardQueue() {
    lock.lock();
    try {
      queue.discard();
    } finally {
      lock.unlock();
    }
  }

  // For the transport.

  /** Called when the socket accepts bytes again. */
  void writable() {
    lock.lock();
    try {
      sender.writable();
      send();
    } finally {
      lock.unlock();
    }
  }

  /**
   * For a sender that writes without the lock: the frames of the batch are sent, and the batch is
   * filled with the next ones.
   *
   * @param onEmpty called with the lock held if there are no further frames
   * @return whether there are further frames
   */
  boolean next(FrameBatch batch, int bytesMax, Runnable onEmpty) {
    lock.lock();
    try {
      if (!stopped) {
        done |= batch.closes();
        queue.sent(batch);
        if (!done && queue.take(batch, bytesMax)) {
          return true;
        }
      }
      onEmpty.run();
      return false;
    } finally {
      lock.unlock();
    }
  }

  /** Discards the queue and sends nothing more. */
  void stop() {
    lock.lock();
    try {
      stopNow();
    } finally {
      lock.unlock();
    }
  }

  // Called with the lock held.

  private boolean isUnderPressure() {
    return queue.frames() >= FixedLimits.PRESSURE_FRAMES;
  }

  private boolean wouldOverflow(Frames.Item message) {
    return queue.frames() >= limits.framesMax()
        || (queue.frames() > 0 && queue.bytes() + message.length() > limits.bytesMax());
  }

  private void offerControl(Frames.Item item) {
    lock.lock();
    try {
      if (!closing && queue.frames() < limits.framesMax()) {
        queue.add(item);
        send();
      }
    } finally {
      lock.unlock();
    }
  }

  private void overflow() {
    metrics.outboxOverflowed();
    queue.discard();
    queueClose(CloseCodes.OVERLOAD, "this client takes its messages too slowly");
    send();
  }

  private void queueClose(int code, String reason) {
    queue.add(new Frames.Close(code, CloseReason.truncate(reason)));
    closing = true;
    closeCode = code;
  }

  private void send() {
    if (stopped || done) {
      return;
    }
    try {
      done |= sender.send(this, queue);
    } catch (IOException _) {
      stopNow();
      sender.kill();
    }
  }

  private void stopNow() {
    closing = true;
    stopped = true;
    done = true;
    queue.clear();
    sender.stop();
  }
}
