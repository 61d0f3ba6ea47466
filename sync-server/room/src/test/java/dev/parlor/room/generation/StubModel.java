package dev.parlor.room.generation;

import dev.parlor.model.Endpoint;
import dev.parlor.model.EndpointClient;
import dev.parlor.model.ModelTimer;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** An OpenAI-compatible endpoint on loopback. It counts calls, and the test sends the answers. */
final class StubModel implements AutoCloseable {
  private final ServerSocket server;
  private final BlockingQueue<Call> received = new LinkedBlockingQueue<>();

  /** All calls. The references keep the garbage collector from closing the sockets. */
  private final List<Call> all = new CopyOnWriteArrayList<>();

  final List<String> bodies = new CopyOnWriteArrayList<>();

  /** One call, held open until the test ends it. */
  static final class Call {
    private final Socket socket;
    private final OutputStream out;
    final String body;

    Call(Socket socket, String body) throws IOException {
      this.socket = socket;
      this.out = socket.getOutputStream();
      this.body = body;
    }

    Call sendRaw(String text) throws IOException {
      out.write(text.getBytes(StandardCharsets.UTF_8));
      out.flush();
      return this;
    }

    Call startStream() throws IOException {
      return sendRaw(
          "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n");
    }

    Call sendText(String text) throws IOException {
      String json = text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
      return sendRaw("data: {\"choices\":[{\"delta\":{\"content\":\"" + json + "\"}}]}\n\n");
    }

    void done(int promptTokens, int completionTokens) throws IOException {
      sendRaw(
          "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":"
              + promptTokens
              + ",\"completion_tokens\":"
              + completionTokens
              + "}}\n\ndata: [DONE]\n\n");
      socket.close();
    }

    void disconnect() throws IOException {
      socket.close();
    }

    /** Returns when the client has closed the connection. */
    void awaitClose() throws IOException {
      try {
        while (socket.getInputStream().read() >= 0) {}
      } catch (IOException _) {
        // a reset counts as a close
      }
    }
  }

  StubModel() throws IOException {
    server = new ServerSocket(0, 64, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().name("stub-model").start(this::accept);
  }

  String url() {
    return "http://127.0.0.1:" + server.getLocalPort();
  }

  EndpointClient client(ModelTimer timer) {
    var timeouts =
        new Endpoint.Timeouts(
            Duration.ofSeconds(2),
            Duration.ofSeconds(20),
            Duration.ofSeconds(20),
            Duration.ofSeconds(60));
    var limits =
        new Endpoint.Limits(
            2, Duration.ofMillis(1), Duration.ofSeconds(1), 65_536, 1_000_000, 4096);
    return new EndpointClient(Endpoint.openAi(url(), "", "stub", timeouts, limits), timer);
  }

  /** Waits for the next call. */
  Call next() throws InterruptedException {
    Call call = received.poll(30, TimeUnit.SECONDS);
    if (call == null) {
      throw new AssertionError("the model was not called");
    }
    return call;
  }

  int calls() {
    return bodies.size();
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket socket = server.accept();
        Thread.ofVirtual().start(() -> receive(socket));
      } catch (IOException _) {
        return;
      }
    }
  }

  @SuppressWarnings("AddressSelection")
  private void receive(Socket socket) {
    try {
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
        if (line.toLowerCase(Locale.ROOT).startsWith("content-length:")) {
          length = Integer.parseInt(line.substring(15).strip());
        }
      }
      String body = new String(in.readNBytes(length), StandardCharsets.UTF_8);
      Call call = new Call(socket, body);
      all.add(call);
      bodies.add(body);
      received.add(call);
    } catch (IOException _) {
      // the client disconnected before its request was complete: not a call
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
    for (Call call : all) {
      call.disconnect();
    }
  }
}
