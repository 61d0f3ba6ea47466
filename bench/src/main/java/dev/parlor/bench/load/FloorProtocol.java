package dev.parlor.bench.load;

import java.nio.ByteBuffer;
import java.util.Random;

/**
 * The protocol of the baseline: each edit is one message as long as an Automerge edit with its
 * frame. It is sent to all clients, the writer included. Nothing is stored or answered.
 */
final class FloorProtocol implements ClientProtocol {

  /** About the length of a typed letter in an automerge-repo frame. */
  private static final int MESSAGE_BYTES = 350;

  private final int edits;

  FloorProtocol(int edits) {
    this.edits = edits;
  }

  @Override
  public DocumentWriter writer(Loop loop, int port, Random random) {
    return new FloorWriter(loop, port, edits);
  }

  @Override
  public DocumentReader reader(
      Loop loop, int port, String name, DocumentWriter writer, Latencies deliveries) {
    return new FloorReader(loop, port, name, writer.log(), deliveries);
  }

  private static final class FloorWriter extends Client implements DocumentWriter {

    private final SendLog log;

    FloorWriter(Loop loop, int port, int edits) {
      super(loop, port, "/", "writer");
      log = new SendLog(edits);
    }

    @Override
    public void opened() {
      setJoined(true);
    }

    @Override
    public void send(int count) {
      log.markSent(count);
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

  private static final class FloorReader extends Client implements DocumentReader {

    private final SendLog log;
    private final Receipts receipts;

    FloorReader(Loop loop, int port, String name, SendLog log, Latencies deliveries) {
      super(loop, port, "/", name);
      this.log = log;
      receipts = new Receipts(log, deliveries);
    }

    @Override
    public void opened() {
      setJoined(true);
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
