package dev.parlor.client.connection;

import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.wire.WireMessage;

/** The user of a {@link ServerConnection}. All methods run on the loop. */
public interface Exchange {

  /** The server answered the join: messages may be sent. */
  void joined(ConnectionState.Connected server);

  /** A message about a document arrived. */
  void received(WireMessage.OfDocument message);

  /** The server refused something of a document, and said why; the connection stays open. */
  void refused(DocumentId document, String reason);

  /** Data that waited for the socket was sent: the user may send more. */
  void writable();

  /** The connection ended. Everything that was agreed with the server is forgotten. */
  void lost();

  /** The connection has another state. */
  void changed(ConnectionState state);
}
