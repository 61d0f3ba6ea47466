package dev.parlor.nats;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A TCP line to a server that a test can cut. While it is cut, connections are closed at once. */
public final class CuttableLine implements AutoCloseable {

  private final InetSocketAddress server;
  private final ServerSocket listening;
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private volatile boolean cut;
  private volatile boolean losesAnswers;

  /** Opens a line to this server. */
  public CuttableLine(InetSocketAddress server) throws IOException {
    this.server = server;
    this.listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::accept);
  }

  /** The address of this end of the line. */
  public String url() {
    return "nats://127.0.0.1:" + listening.getLocalPort();
  }

  /** Closes all connections, and each new one at once. */
  public void cut() throws IOException {
    cut = true;
    for (var socket : sockets) {
      socket.close();
    }
    sockets.clear();
  }

  /** Lets new connections pass again. */
  public void mend() {
    cut = false;
    losesAnswers = false;
  }

  /** From now on the server receives everything, and nothing that it sends arrives. */
  public void loseAnswers() {
    losesAnswers = true;
  }

  private void accept() {
    try {
      while (true) {
        var client = listening.accept();
        sockets.add(client);
        if (cut) {
          client.close();
          continue;
        }
        var upstream = new Socket();
        sockets.add(upstream);
        upstream.connect(server, 5_000);
        copy(client, upstream, false);
        copy(upstream, client, true);
      }
    } catch (IOException e) {
      // closed
    }
  }

  private void copy(Socket from, Socket to, boolean isAnswer) {
    Thread.ofVirtual()
        .start(
            () -> {
              try (from;
                  to;
                  InputStream in = from.getInputStream();
                  OutputStream out = to.getOutputStream()) {
                var buffer = new byte[1 << 16];
                for (var length = in.read(buffer); length >= 0; length = in.read(buffer)) {
                  if (!isAnswer || !losesAnswers) {
                    out.write(buffer, 0, length);
                    out.flush();
                  }
                }
              } catch (IOException e) {
                // cut or closed
              }
            });
  }

  @Override
  public void close() throws IOException {
    listening.close();
    cut();
  }
}
