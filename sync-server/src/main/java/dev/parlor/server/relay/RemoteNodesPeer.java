package dev.parlor.server.relay;

import dev.parlor.crdt.graph.PositionSet;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.identity.PeerId;
import dev.parlor.server.admission.Caller;

/**
 * All other nodes as one peer, for {@link ChangeAdmission}: what they bring was admitted there and
 * is judged by its structure only. Not among the room's peers; nothing is sent to it. Belongs to
 * the room's writer.
 */
final class RemoteNodesPeer implements Peer {

  private static final PeerId ID = new PeerId("other-nodes");

  /** What they brought since something was last published. */
  final PositionSet brought = new PositionSet(0);

  @Override
  public PeerId id() {
    return ID;
  }

  @Override
  public Caller caller() {
    return Caller.ofOpenRelay();
  }

  @Override
  public boolean offer(Bytes shared, Bytes own) {
    return true;
  }

  @Override
  public boolean offerEphemeral(Bytes shared, Bytes own, PeerId author) {
    return true;
  }

  @Override
  public void flush() {}

  @Override
  public int framesWaiting() {
    return 0;
  }

  @Override
  public boolean refuse(DocumentId document, int code, String rule, String reason) {
    return true;
  }

  @Override
  public void ignoreChanges(DocumentId document) {}

  @Override
  public void close(int code, String rule, String reason) {}
}
