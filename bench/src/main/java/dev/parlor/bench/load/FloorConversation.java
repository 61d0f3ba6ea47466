package dev.parlor.bench.load;

import java.nio.ByteBuffer;
import java.util.Random;

/**
 * What the floor speaks: each edit is one message as long as an Automerge edit in its frame, sent
 * on to everybody, the writer included; nothing is kept and nobody answers.
 */
final class FloorConversation implements Conversation {

  /** A typed letter in a frame of ours is about as long. */
  private static final int MESSAGE_BYTES = 350;

  private final int edits;

  FloorConversation(int edits) {
    this.edits = edits;
  }

  @Override
  public Editor editor(Loop loop, int port, Random random) {
    return new Sender(loop, port, edits);
  }

  @Override
  public Watcher watcher(Loop loop, int port, String name, Editor editor, Latencies deliveries) {
    return new Receiver(loop, port, name, editor.log(), deliveries);
  }

  private static final class Sender extends Client implements Editor {

    private final SendLog log;

    Sender(Loop loop, int port, int edits) {
      super(loop, port, "/", "writer");
      log = new SendLog(edits);
    }

    @Override
    public void opened() {
      joined(true);
    }

    @Override
    public void send(int count) {
      log.sending(count);
      send(ByteBuffer.allocate(MESSAGE_BYTES).putInt(log.sent() - 1).array());
    }

    @Override
    public void message(byte[] message) {
      log.acknowledged(ByteBuffer.wrap(message).getInt(), System.nanoTime());
    }

    @Override
    public SendLog log() {
      return log;
    }
  }

  private static final class Receiver extends Client implements Watcher {

    private final SendLog log;
    private final Receipts receipts;

    Receiver(Loop loop, int port, String name, SendLog log, Latencies deliveries) {
      super(loop, port, "/", name);
      this.log = log;
      receipts = new Receipts(log, deliveries);
    }

    @Override
    public void opened() {
      joined(true);
      receipts.received(log.sent() - 1, System.nanoTime());
    }

    @Override
    public void message(byte[] message) {
      receipts.received(ByteBuffer.wrap(message).getInt(), System.nanoTime());
    }

    @Override
    public Receipts receipts() {
      return receipts;
    }
  }
}
