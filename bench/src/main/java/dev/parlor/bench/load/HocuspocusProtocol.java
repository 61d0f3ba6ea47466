package dev.parlor.bench.load;

import java.util.Random;

/**
 * The protocol of Hocuspocus. A cold join is complete with the server's first answer, since no
 * client types then.
 */
final class HocuspocusProtocol implements ClientProtocol {

  private final YjsEdits edits;

  HocuspocusProtocol(YjsEdits edits) {
    this.edits = edits;
  }

  @Override
  public DocumentWriter writer(Loop loop, int port, Random random) {
    return new HocuspocusWriter(
        loop, port, "bench-" + Long.toUnsignedString(random.nextLong(), 36), edits);
  }

  @Override
  public DocumentReader reader(
      Loop loop, int port, String name, DocumentWriter writer, Latencies deliveries) {
    return new HocuspocusReader(loop, port, name, (HocuspocusWriter) writer, deliveries);
  }

  private static final class HocuspocusWriter extends HocuspocusClient implements DocumentWriter {

    private final YjsEdits edits;
    private final SendLog log;

    HocuspocusWriter(Loop loop, int port, String document, YjsEdits edits) {
      super(loop, port, "writer-" + document, document);
      this.edits = edits;
      this.log = new SendLog(edits.items().size());
    }

    @Override
    public void send(int count) {
      var from = log.markSent(count);
      edit(edits.update(from, log.sent()), log.sent() - 1);
    }

    @Override
    public SendLog log() {
      return log;
    }

    @Override
    void authenticated() {
      requestDocument();
    }

    @Override
    void documentReceived(long nanoTime) {}

    @Override
    void updateReceived(int position, long nanoTime) {}

    @Override
    void confirmed(int position, long nanoTime) {
      log.acknowledged(position, nanoTime);
    }
  }

  private static final class HocuspocusReader extends HocuspocusClient implements DocumentReader {

    private final SendLog log;
    private final Receipts receipts;

    HocuspocusReader(
        Loop loop, int port, String name, HocuspocusWriter writer, Latencies deliveries) {
      super(loop, port, name, writer.document);
      this.log = writer.log;
      this.receipts = new Receipts(log, deliveries);
    }

    @Override
    public Receipts receipts() {
      return receipts;
    }

    @Override
    void authenticated() {
      receipts.markRequested();
      requestDocument();
    }

    @Override
    void documentReceived(long nanoTime) {
      receipts.received(log.sent() - 1, nanoTime);
    }

    @Override
    void updateReceived(int position, long nanoTime) {
      receipts.received(position, nanoTime);
    }

    @Override
    void confirmed(int position, long nanoTime) {}
  }
}
