package dev.parlor.client.connection;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.wire.WireCodec;
import dev.parlor.crdt.wire.WireMessage;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;

/** Connections to no network: the test is the server. */
final class FakeTransport implements Transport {

  /** One attempt to connect. */
  static final class Attempt implements Link {
    final URI address;
    final Observer observer;
    final List<WireMessage> sent = new ArrayList<>();
    int pings;
    long waitingBytes;
    boolean isAborted;
    boolean isClosed;

    Attempt(URI address, Observer observer) {
      this.address = address;
      this.observer = observer;
    }

    void answers(WireMessage message) {
      observer.active();
      observer.message(WireCodec.encode(message));
    }

    @Override
    public void send(Bytes message) {
      sent.add(WireCodec.decode(message).orElseThrow());
    }

    @Override
    public void ping() {
      pings++;
    }

    @Override
    public long waitingBytes() {
      return waitingBytes;
    }

    @Override
    public void receiveNext() {}

    @Override
    public void close() {
      isClosed = true;
    }

    @Override
    public void abort() {
      isAborted = true;
    }
  }

  final List<Attempt> attempts = new ArrayList<>();

  @Override
  public void open(URI address, Observer observer) {
    attempts.add(new Attempt(address, observer));
  }

  Attempt last() {
    return attempts.getLast();
  }
}
