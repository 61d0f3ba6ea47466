package dev.parlor.model;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * An HTTP server that runs a script for each connection. The script writes the raw bytes of the
 * answer.
 */
final class RawServer implements AutoCloseable {

  /** Writes the answer after the server has read the whole request. */
  interface Script {
    void answer(Exchange exchange) throws IOException, InterruptedException;
  }

  /** One connection with its request. */
  record Exchange(Socket socket, String head, String body, OutputStream out) {
    void write(byte[] bytes) throws IOException {
      out.write(bytes);
      out.flush();
    }

    void write(String text) throws IOException {
      write(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Writes the status line and the headers. */
    void head(String status, String contentType) throws IOException {
      write(
          "HTTP/1.1 "
              + status
              + "\r\nContent-Type: "
              + contentType
              + "\r\nConnection: close\r\n\r\n");
    }

    void event(String json) throws IOException {
      write("data: " + json + "\n\n");
    }

    /** Waits until the client closes the connection. */
    void awaitClose() throws IOException {
      InputStream in = socket.getInputStream();
      try {
        while (in.read() >= 0) {}
      } catch (IOException _) {
        // a reset also counts as a close
      }
    }
  }

  private final ServerSocket server;
  private final Script script;
  final AtomicInteger connections = new AtomicInteger();
  final CompletableFuture<Exchange> firstExchange = new CompletableFuture<>();
  final CompletableFuture<Void> scriptEnd = new CompletableFuture<>();

  RawServer(Script script) throws IOException {
    this.server = new ServerSocket(0, 16, InetAddress.getLoopbackAddress());
    this.script = script;
    Thread.ofVirtual().name("raw-server").start(this::accept);
  }

  String url() {
    return "http://127.0.0.1:" + server.getLocalPort();
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket socket = server.accept();
        Thread.ofVirtual().start(() -> serve(socket));
      } catch (IOException _) {
        return;
      }
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      BufferedInputStream in = new BufferedInputStream(socket.getInputStream());
      StringBuilder head = new StringBuilder();
      while (head.indexOf("\r\n\r\n") < 0) {
        int b = in.read();
        if (b < 0) {
          return;
        }
        head.append((char) b);
      }
      int length = 0;
      for (String line : head.toString().split("\r\n", -1)) {
        if (line.toLowerCase(java.util.Locale.ROOT).startsWith("content-length:")) {
          length = Integer.parseInt(line.substring(15).strip());
        }
      }
      String body = new String(in.readNBytes(length), StandardCharsets.UTF_8);
      connections.incrementAndGet();
      Exchange exchange = new Exchange(socket, head.toString(), body, socket.getOutputStream());
      firstExchange.complete(exchange);
      script.answer(exchange);
      scriptEnd.complete(null);
    } catch (IOException e) {
      scriptEnd.completeExceptionally(e);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
