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
  public Editor editor(Loop loop, int port, Random random) {
    return new HocuspocusEditor(loop, port, "bench-" + Long.toUnsignedString(random.nextLong(), 36), edits);
  }

  @Override
  public Watcher watcher(Loop loop, int port, String name, Editor editor, Latencies deliveries) {
    return new HocuspocusWatcher(loop, port, name, (HocuspocusEditor) editor, deliveries);
  }

  private static final class HocuspocusEditor extends HocuspocusClient implements Editor {

    private final YjsEdits edits;
    private final SendLog log;

    HocuspocusEditor(Loop loop, int port, String document, YjsEdits edits) {
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

  private static final class HocuspocusWatcher extends HocuspocusClient implements Watcher {

    private final SendLog log;
    private final Receipts receipts;

    HocuspocusWatcher(Loop loop, int port, String name, HocuspocusEditor editor, Latencies deliveries) {
      super(loop, port, name, editor.document);
      this.log = editor.log;
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
