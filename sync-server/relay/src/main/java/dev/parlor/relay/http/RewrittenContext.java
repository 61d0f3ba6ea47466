package dev.parlor.relay.http;

import io.helidon.common.buffers.DataReader;
import io.helidon.common.buffers.DataWriter;
import io.helidon.common.socket.HelidonSocket;
import io.helidon.common.socket.PeerInfo;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.ListenerContext;
import io.helidon.webserver.ProxyProtocolData;
import io.helidon.webserver.Router;
import java.util.Optional;
import java.util.concurrent.ExecutorService;

/**
 * A connection whose bytes are changed before they are read.
 *
 * @param actual the connection
 * @param dataReader its bytes, changed
 */
record RewrittenContext(ConnectionContext actual, DataReader dataReader)
    implements ConnectionContext {

  @Override
  public ListenerContext listenerContext() {
    return actual.listenerContext();
  }

  @Override
  public ExecutorService executor() {
    return actual.executor();
  }

  @Override
  public DataWriter dataWriter() {
    return actual.dataWriter();
  }

  @Override
  public Router router() {
    return actual.router();
  }

  @Override
  public Optional<ProxyProtocolData> proxyProtocolData() {
    return actual.proxyProtocolData();
  }

  @Override
  public HelidonSocket serverSocket() {
    return actual.serverSocket();
  }

  @Override
  public PeerInfo remotePeer() {
    return actual.remotePeer();
  }

  @Override
  public PeerInfo localPeer() {
    return actual.localPeer();
  }

  @Override
  public boolean isSecure() {
    return actual.isSecure();
  }

  @Override
  public String socketId() {
    return actual.socketId();
  }

  @Override
  public String childSocketId() {
    return actual.childSocketId();
  }
}
