package dev.parlor.room.http;

/** A proxy that runs in front of a server under test. */
interface RunningProxy extends AutoCloseable {

  /** The port that the proxy listens on. */
  int port();

  /** Ends the proxy and waits for its end. */
  @Override
  void close();
}
