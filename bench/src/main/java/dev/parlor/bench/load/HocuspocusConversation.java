package dev.parlor.bench.load;

import java.util.Random;

/**
 * The protocol of Hocuspocus. A cold join is complete with the server's first answer, since no
 * client types then.
 */
final class HocuspocusConversation implements Conversation {

  private final YjsEdits edits;

  HocuspocusConversation(YjsEdits edits) {
    this.edits = edits;
  }

  @Override
  public Editor editor(Loop loop, int port, Random random) {
    return new Typist(loop, port, "bench-" + Long.toUnsignedString(random.nextLong(), 36), edits);
  }

  @Override
  public Watcher watcher(Loop loop, int port, String name, Editor editor, Latencies deliveries) {
    return new Onlooker(loop, port, name, (Typist) editor, deliveries);
  }

  private static final class Typist extends HocuspocusClient implements Editor {

    private final YjsEdits edits;
    private final SendLog log;

    Typist(Loop loop, int port, String document, YjsEdits edits) {
      super(loop, port, "writer-" + document, document);
      this.edits = edits;
      this.log = new SendLog(edits.items().size());
    }

    @Override
    public void send(int count) {
      var from = log.sending(count);
      edit(edits.update(from, log.sent()), log.sent() - 1);
    }

    @Override
    public SendLog log() {
      return log;
    }

    @Override
    void authenticated() {
      ask();
    }

    @Override
    void everything(long nanoTime) {}

    @Override
    void updated(int position, long nanoTime) {}

    @Override
    void confirmed(int position, long nanoTime) {
      log.acknowledged(position, nanoTime);
    }
  }

  private static final class Onlooker extends HocuspocusClient implements Watcher {

    private final SendLog log;
    private final Receipts receipts;

    Onlooker(Loop loop, int port, String name, Typist typist, Latencies deliveries) {
      super(loop, port, name, typist.document);
      this.log = typist.log;
      this.receipts = new Receipts(log, deliveries);
    }

    @Override
    public Receipts receipts() {
      return receipts;
    }

    @Override
    void authenticated() {
      receipts.asked();
      ask();
    }

    @Override
    void everything(long nanoTime) {
      receipts.received(log.sent() - 1, nanoTime);
    }

    @Override
    void updated(int position, long nanoTime) {
      receipts.received(position, nanoTime);
    }

    @Override
    void confirmed(int position, long nanoTime) {}
  }
}
