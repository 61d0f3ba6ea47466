package dev.parlor.relay.document;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.identity.PeerId;
import dev.parlor.crdt.sync.SyncLimits;
import dev.parlor.crdt.sync.SyncMessage;
import dev.parlor.crdt.sync.SyncMessageCodec;
import dev.parlor.crdt.wire.WireCodec;
import dev.parlor.crdt.wire.WireMessage;
import dev.parlor.relay.admission.Caller;
import java.util.ArrayList;
import java.util.List;

/** A peer that records the frames sent to it. */
final class FakePeer implements Peer {

  private final PeerId id;
  private final Caller caller;
  private final List<WireMessage> queued = new ArrayList<>();

  /** The messages that were offered and flushed. */
  final List<WireMessage> received = new ArrayList<>();

  /** The part of each offered frame that several peers share. */
  final List<Bytes> sharedParts = new ArrayList<>();

  /** The rule ids of the refusals that left the connection open. */
  final List<String> refusals = new ArrayList<>();

  boolean changesIgnored;

  /** The close code; 0 while the connection is open. */
  int closedWith;

  /** The rule id of the close; empty while the connection is open. */
  String closeRule = "";

  FakePeer(String id) {
    this(id, Caller.ofOpenRelay());
  }

  FakePeer(String id, Caller caller) {
    this.id = new PeerId(id);
    this.caller = caller;
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
    if (closedWith != 0) {
      return false;
    }
    sharedParts.add(shared);
    queued.add(WireCodec.decode(Bytes.concat(List.of(shared, own))).orElseThrow());
    return true;
  }

  @Override
  public int framesWaiting() {
    return queued.size();
  }

  @Override
  public void flush() {
    received.addAll(queued);
    queued.clear();
  }

  @Override
  public boolean offerEphemeral(Bytes shared, Bytes own, PeerId author) {
    return offer(shared, own);
  }

  @Override
  public boolean refuse(DocumentId document, int code, String rule, String reason) {
    if (closedWith != 0) {
      return false;
    }
    refusals.add(rule);
    return true;
  }

  @Override
  public void ignoreChanges(DocumentId document) {
    changesIgnored = true;
  }

  @Override
  public void close(int code, String rule, String reason) {
    if (closedWith == 0) {
      closedWith = code;
      closeRule = rule;
    }
  }

  /** Returns the sync messages received since the last call, and clears {@link #received}. */
  List<SyncMessage> takeSyncs() {
    var syncs = new ArrayList<SyncMessage>();
    for (var message : received) {
      if (message instanceof WireMessage.Sync sync) {
        syncs.add(SyncMessageCodec.decode(sync.data(), SyncLimits.DEFAULT).orElseThrow());
      }
    }
    received.clear();
    return syncs;
  }
}
