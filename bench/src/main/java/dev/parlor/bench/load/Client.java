package dev.parlor.bench.load;

import org.jspecify.annotations.Nullable;

/** A client with one connection. Keeps its first failure. Owned by the loop's thread. */
abstract class Client implements RawSocket.Listener {

  final String name;
  private final RawSocket socket;
  private @Nullable String failure;
  private boolean joined;

  Client(Loop loop, int port, String path, String name) {
    this.name = name;
    this.socket = loop.connect(port, path, this);
  }

  final void send(byte[] message) {
    socket.send(message);
  }

  final void setJoined(boolean isJoined) {
    joined = isJoined;
  }

  /** Whether the client has joined. Throws the client's failure, so that a wait for it ends. */
  public final boolean isJoined() {
    if (failure != null) {
      throw new IllegalStateException(failure);
    }
    return joined;
  }

  public final void leave() {
    socket.close();
  }

  /** Whether the connection ended or the server broke the protocol. */
  final boolean hasFailed() {
    return failure != null;
  }

  final void fail(String reason) {
    if (failure == null) {
      failure = name + ": " + reason;
    }
  }

  @Override
  public final void closed(String reason) {
    fail(reason);
  }
}
