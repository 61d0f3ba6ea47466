package dev.parlor.client.connection;

import dev.parlor.crdt.identity.Bytes;
import java.net.URI;

/** Opens connections that carry whole binary messages. */
interface Transport {

  /** An open connection. Its methods never block. */
  interface Link {

    /** Sends a message after all earlier messages. */
    void send(Bytes message);

    /** Sends a ping; the server answers with a pong by itself. */
    void ping();

    /** The number of bytes that wait to be sent. */
    long waitingBytes();

    /** Lets the next message arrive; called once for each message. */
    void receiveNext();

    /** Sends a close frame with 1000 after the waiting messages. */
    void close();

    /** Ends the connection without a close frame. */
    void abort();
  }

  /** The observer of one connection; called on any thread, in order. */
  interface Observer {

    void opened(Link link);

    void message(Bytes message);

    /** Some byte arrived. */
    void active();

    /** A message was passed to the operating system. */
    void sent();

    /**
     * The connection ended, or could not be opened. Called once at least; later calls are ignored.
     */
    void ended(ConnectionEnd end);
  }

  /** Begins to connect. */
  void open(URI address, Observer observer);
}
