package dev.parlor.server.socket;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.PeerId;
import dev.parlor.crdt.wire.WireCodec;
import dev.parlor.crdt.wire.WireMessage;
import dev.parlor.server.admission.Caller;
import dev.parlor.server.relay.Peer;

/** A joined connection as rooms see it. Safe from any thread; compared by identity. */
final class SocketPeer implements Peer {

  private final PeerId id;
  private final Caller caller;
  private final PeerId server;
  private final Outbox outbox;

  SocketPeer(PeerId id, Caller caller, PeerId server, Outbox outbox) {
    this.id = id;
    this.caller = caller;
    this.server = server;
    this.outbox = outbox;
  }

  @Override
  public PeerId id() {
    return id;
  }

  @Override
  public Caller caller() {
    return caller;
  }

  @Override
  public boolean offer(Bytes shared, Bytes own) {
    return outbox.offer(shared, own);
  }

  @Override
  public boolean offerEphemeral(Bytes shared, Bytes own, PeerId author) {
    return outbox.offerEphemeral(shared, own, author);
  }

  @Override
  public void flush() {
    outbox.flush();
  }

  @Override
  public int framesWaiting() {
    return outbox.depth();
  }

  @Override
  public void close(int code, String rule, String reason) {
    var sentence = "[" + rule + "] " + reason;
    outbox.close(
        code,
        CloseReason.fit(sentence),
        WireCodec.encode(new WireMessage.ErrorMessage(server, id, sentence)));
  }
}
