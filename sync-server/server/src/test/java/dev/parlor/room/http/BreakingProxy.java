package dev.parlor.room.http;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A TCP proxy in front of a server. A test can break connections that run through it. */
final class BreakingProxy implements AutoCloseable {

  /** One connection through the proxy. */
  private final class Connection {
    private final Socket client;
    private final Socket server;
    private long bytesLeft;

    Connection(Socket client, Socket server) {
      this.client = client;
      this.server = server;
      this.bytesLeft = bytesMax;
    }

    /** Forwards bytes from the client. */
    void forwardToServer() {
      try (var in = client.getInputStream()) {
        forward(in, server.getOutputStream());
      } catch (IOException _) {
        // The connection broke, as the test intends.
      } finally {
        reset(server);
      }
    }

    /** Forwards bytes from the server up to the limit, then breaks the connection. */
    void forwardToClient() {
      var buffer = new byte[8192];
      try {
        var in = server.getInputStream();
        for (var count = in.read(buffer); count >= 0; count = in.read(buffer)) {
          var forwarded = (int) Math.min(count, bytesLeft);
          client.getOutputStream().write(buffer, 0, forwarded);
          bytesLeft -= forwarded;
          if (bytesLeft == 0) {
            break;
          }
        }
      } catch (IOException _) {
        // The connection broke, as the test intends.
      } finally {
        reset(server);
        reset(client);
        connections.remove(this);
      }
    }

    private static void forward(InputStream in, OutputStream out) throws IOException {
      var buffer = new byte[8192];
      for (var count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        out.write(buffer, 0, count);
      }
    }

    private static void reset(Socket socket) {
      try {
        socket.setSoLinger(true, 0);
        socket.close();
      } catch (IOException _) {
        // The connection is already closed.
      }
    }
  }

  private final ServerSocket listening;
  private final int serverPort;
  private final Set<Connection> connections = ConcurrentHashMap.newKeySet();
  private volatile long bytesMax = Long.MAX_VALUE;

  BreakingProxy(int serverPort) throws IOException {
    this.serverPort = serverPort;
    this.listening = new ServerSocket(0, 50, InetAddress.ofLiteral("127.0.0.1"));
    Thread.ofVirtual().start(this::accept);
  }

  private void accept() {
    try {
      while (true) {
        var client = listening.accept();
        var connection =
            new Connection(client, new Socket(InetAddress.ofLiteral("127.0.0.1"), serverPort));
        connections.add(connection);
        Thread.ofVirtual().start(connection::forwardToServer);
        Thread.ofVirtual().start(connection::forwardToClient);
      }
    } catch (IOException _) {
      // The proxy was closed.
    }
  }

  int port() {
    return listening.getLocalPort();
  }

  /** Breaks each later connection after it has forwarded this many bytes from the server. */
  void breakAfter(long bytes) {
    bytesMax = bytes;
  }

  /** Lets all later connections stay open. */
  void stopBreaking() {
    bytesMax = Long.MAX_VALUE;
  }

  /** Resets every open connection at both ends. */
  void breakAll() {
    for (var connection : connections) {
      Connection.reset(connection.client);
      Connection.reset(connection.server);
    }
  }

  @Override
  public void close() throws IOException {
    listening.close();
    breakAll();
  }
}
