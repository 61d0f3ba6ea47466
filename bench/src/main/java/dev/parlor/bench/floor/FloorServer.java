package dev.parlor.bench.floor;

import io.helidon.common.buffers.BufferData;
import io.helidon.webserver.ServerConnectionException;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.websocket.WsRouting;
import io.helidon.websocket.WsListener;
import io.helidon.websocket.WsSession;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Sends each binary message to every connection and does nothing else. */
public final class FloorServer implements WsListener {

  private final List<WsSession> sessions = new CopyOnWriteArrayList<>();

  private FloorServer() {}

  /** Prints its port once it listens. */
  public static void main(String[] arguments) {
    var floor = new FloorServer();
    var server =
        WebServer.builder()
            .host("127.0.0.1")
            .port(0)
            .addRouting(WsRouting.builder().endpoint("/", floor))
            .build()
            .start();
    System.out.println("listening " + server.port());
  }

  @Override
  public void onOpen(WsSession session) {
    sessions.add(session);
  }

  @Override
  public void onMessage(WsSession session, BufferData buffer, boolean last) {
    var message = buffer.readBytes();
    for (var other : sessions) {
      deliver(other, message, last);
    }
  }

  private void deliver(WsSession session, byte[] message, boolean last) {
    synchronized (session) {
      try {
        session.send(BufferData.create(message), last);
      } catch (UncheckedIOException | ServerConnectionException _) {
        sessions.remove(session); // it has left
      }
    }
  }

  @Override
  public void onClose(WsSession session, int status, String reason) {
    sessions.remove(session);
  }

  @Override
  public void onError(WsSession session, Throwable error) {
    sessions.remove(session);
  }
}
