package dev.parlor.server.socket;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.PeerId;
import dev.parlor.server.config.FixedLimits;
import dev.parlor.server.config.Limits;
import dev.parlor.server.health.Metrics;
import dev.parlor.server.relay.CloseCodes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The queue of frames for one socket. Offering only queues. {@link #flush} writes as much as the
 * socket takes, on the caller's thread and without blocking; the rest is sent when the socket is
 * writable again. When the queue grows above its limit, the session ends with 1013: sync is an
 * ordered stream, so no message is removed from its middle. Ephemeral messages may be removed
 * [EP6]. Safe from any thread.
 */
final class Outbox {

  /**
   * Frames are gathered into one write up to this size, in bytes; the parts of larger frames are
   * written separately.
   */
  private static final int GATHER_BYTES_MAX = 64 << 10;

  private final SocketWriter writer;
  private final Limits.Outbox limits;
  private final Metrics metrics;
  private final ReentrantLock lock = new ReentrantLock();

  /** Queued frames; null in the place of an ephemeral message that was dropped. */
  private List<Frames.@Nullable Item> waiting = new ArrayList<>(4);

  /** The index in {@link #waiting} of each author's newest ephemeral message. */
  private final Map<PeerId, Integer> ephemerals = new HashMap<>(0);

  /** Frames taken out of {@link #waiting} to be sent, from {@link #batchAt} on. */
  private List<Frames.@Nullable Item> batch = new ArrayList<>(4);

  private int batchAt;

  /**
   * Frames that are being written to the socket; the two fields below hold their number and bytes,
   * which count against the limits.
   */
  private final ArrayDeque<ByteBuffer> current = new ArrayDeque<>(2);

  private int currentFrames;
  private int currentBytes;
  private boolean closeIsCurrent;

  private int frames;
  private long bytes;
  private boolean blocked;
  private boolean closing;
  private boolean stopped;
  private volatile boolean done;
  private volatile int closeCode;

  Outbox(SocketWriter writer, Limits.Outbox limits, Metrics metrics) {
    this.writer = writer;
    this.limits = limits;
    this.metrics = metrics;
  }

  /**
   * Queues a message; false when the session is closing, which includes a queue that is now full.
   */
  boolean offer(Bytes shared, Bytes own) {
    lock.lock();
    try {
      if (closing) {
        return false;
      }
      var message = new Frames.Message(shared, own);
      if (isPressed() || isTooMuch(message)) {
        // Many frames in one step do not mean that the client is slow.
        send();
      }
      if (isTooMuch(message)) {
        overflow();
        return false;
      }
      add(message);
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** Queues a message that may be dropped; false when the session is closing. */
  boolean offerEphemeral(Bytes shared, Bytes own, PeerId author) {
    lock.lock();
    try {
      if (closing) {
        return false;
      }
      if (isPressed()) {
        send();
      }
      if (isPressed()) {
        @Nullable Integer older = ephemerals.get(author);
        if (older != null) {
          drop(older);
        } else if (frames >= limits.framesMax() / 2 || bytes >= limits.bytesMax() / 2) {
          return true;
        }
      }
      ephemerals.put(author, waiting.size());
      add(new Frames.Message(shared, own));
      return true;
    } finally {
      lock.unlock();
    }
  }

  void ping() {
    control(new Frames.Ping());
  }

  void pong(Bytes payload) {
    control(new Frames.Pong(payload));
  }

  /**
   * Sends the queued frames, then the last message if there is one, then closes. Has an effect only
   * once.
   */
  void close(int code, String reason, @Nullable Bytes lastMessage) {
    lock.lock();
    try {
      if (closing) {
        return;
      }
      if (lastMessage != null) {
        add(new Frames.Message(lastMessage, Bytes.EMPTY));
      }
      end(code, reason);
      send();
    } finally {
      lock.unlock();
    }
  }

  /** The code that the session ends with; 0 while the session is open. */
  int closeCode() {
    return closeCode;
  }

  /** Whether the close frame was sent, or nothing will be sent any more. */
  boolean isDone() {
    return done;
  }

  /** Starts sending the queued frames. */
  void flush() {
    lock.lock();
    try {
      send();
    } finally {
      lock.unlock();
    }
  }

  /** The socket can take bytes again. */
  void writable() {
    lock.lock();
    try {
      blocked = false;
      send();
    } finally {
      lock.unlock();
    }
  }

  /** Ends without sending more: after this returns, no thread writes to the socket. */
  void stop() {
    lock.lock();
    try {
      stopNow();
    } finally {
      lock.unlock();
    }
  }

  /** The number of queued frames. */
  int depth() {
    lock.lock();
    try {
      return frames;
    } finally {
      lock.unlock();
    }
  }

  /** The number of queued bytes. */
  long bytes() {
    lock.lock();
    try {
      return bytes;
    } finally {
      lock.unlock();
    }
  }

  /** Discards the queued frames before a close; the close tells the client. */
  void letGo() {
    lock.lock();
    try {
      discard();
    } finally {
      lock.unlock();
    }
  }

  // Called with the lock held.

  private boolean isPressed() {
    return frames >= FixedLimits.PRESSURE_FRAMES;
  }

  private boolean isTooMuch(Frames.Message message) {
    return frames >= limits.framesMax()
        || (frames > 0 && bytes + message.length() > limits.bytesMax());
  }

  private void control(Frames.Item item) {
    lock.lock();
    try {
      if (!closing && frames < limits.framesMax()) {
        add(item);
        send();
      }
    } finally {
      lock.unlock();
    }
  }

  private void overflow() {
    metrics.outboxOverflowed();
    discard();
    end(CloseCodes.OVERLOAD, "this client takes its messages too slowly");
    send();
  }

  private void end(int code, String reason) {
    add(new Frames.Close(code, reason));
    closing = true;
    closeCode = code;
  }

  private void add(Frames.Item item) {
    waiting.add(item);
    frames++;
    bytes += item.length();
  }

  private void drop(int index) {
    var item = waiting.set(index, null);
    if (item != null) {
      frames--;
      bytes -= item.length();
      metrics.ephemeralDropped("slow");
    }
  }

  /** Discards the queued frames; a frame that the socket took in part is still sent completely. */
  private void discard() {
    for (var item : waiting) {
      if (item != null) {
        frames--;
        bytes -= item.length();
      }
    }
    waiting.clear();
    for (; batchAt < batch.size(); batchAt++) {
      var item = batch.get(batchAt);
      if (item != null) {
        frames--;
        bytes -= item.length();
      }
    }
    ephemerals.clear();
  }

  private void stopNow() {
    closing = true;
    stopped = true;
    done = true;
    discard();
    current.clear();
    batch.clear();
    batchAt = 0;
    frames = 0;
    bytes = 0;
  }

  private void send() {
    if (blocked || stopped) {
      return;
    }
    try {
      while (true) {
        if (!written()) {
          blocked = true;
          writer.awaitWritable();
          return;
        }
        done |= closeIsCurrent;
        if (done || !gather()) {
          return;
        }
      }
    } catch (IOException _) {
      stopNow();
      writer.kill();
    }
  }

  /**
   * Writes the current frames.
   *
   * @return whether the socket took all of them
   */
  private boolean written() throws IOException {
    while (!current.isEmpty()) {
      var part = current.getFirst();
      writer.write(part);
      if (part.hasRemaining()) {
        keep(part);
        return false;
      }
      current.removeFirst();
    }
    frames -= currentFrames;
    bytes -= currentBytes;
    currentFrames = 0;
    currentBytes = 0;
    return true;
  }

  /** Copies a part out of scratch memory, which would be overwritten before the socket takes it. */
  private void keep(ByteBuffer part) {
    if (part.isDirect()) {
      current.removeFirst();
      current.addFirst(ByteBuffer.allocate(part.remaining()).put(part).flip());
    }
  }

  /**
   * Makes the next frames current.
   *
   * @return false when there are none
   */
  private boolean gather() {
    if (batchAt == batch.size()) {
      batch.clear();
      batchAt = 0;
      var empty = batch;
      batch = waiting;
      waiting = empty;
      ephemerals.clear();
    }
    var from = batchAt;
    var length = 0;
    for (; batchAt < batch.size(); batchAt++) {
      var item = batch.get(batchAt);
      if (item == null) {
        continue;
      }
      var more = Frames.HEADER_BYTES_MAX + item.length();
      if (currentFrames > 0 && length + more > GATHER_BYTES_MAX) {
        break;
      }
      length += more;
      currentFrames++;
      currentBytes += item.length();
      metrics.frameOut(item.length());
      closeIsCurrent |= item instanceof Frames.Close;
    }
    if (currentFrames == 0) {
      return false;
    }
    encode(from, length);
    return true;
  }

  private void encode(int from, int length) {
    if (currentFrames == 1
        && length > GATHER_BYTES_MAX
        && batch.get(batchAt - 1) instanceof Frames.Message message) {
      // Such a message is too large to copy: many sockets may be sent the same snapshot at the same
      // time.
      var header = ByteBuffer.allocate(Frames.HEADER_BYTES_MAX);
      Frames.putHeader(message, header);
      current.add(header.flip());
      current.add(message.shared().buffer());
      current.add(message.own().buffer());
      return;
    }
    var scratch = writer.scratch(length);
    var target = scratch == null ? ByteBuffer.allocate(length) : scratch;
    for (var i = from; i < batchAt; i++) {
      var item = batch.get(i);
      if (item != null) {
        Frames.put(item, target);
      }
    }
    current.add(target.flip());
  }
}
