package dev.parlor.server.relay;

import dev.parlor.crdt.graph.PositionSet;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.identity.PeerId;
import dev.parlor.server.admission.Caller;

/**
 * All other nodes as one peer, for {@link ChangeAdmission}. Other nodes have admitted their changes
 * already, so only the structure of the changes is checked here. It is not one of the document's
 * peers, and nothing is sent to it. Belongs to the document's worker.
 */
final class RemoteNodesPeer implements Peer {

  private static final PeerId ID = new PeerId("other-nodes");

  /** Positions of the changes that they brought since the last publication. */
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
