package dev.parlor.relay.socket.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.relay.address.BasePath;
import dev.parlor.relay.address.ClientAddresses;
import dev.parlor.relay.config.Limits;
import dev.parlor.relay.config.SocketTransport;
import dev.parlor.relay.health.Metrics;
import dev.parlor.relay.http.BasePathRouting;
import dev.parlor.relay.http.WebPort;
import dev.parlor.relay.socket.OnEachTransport;
import dev.parlor.relay.socket.RawClient;
import io.helidon.http.Headers;
import io.helidon.http.HttpPrologue;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * Tests the transports with another protocol than sync: an endpoint that sends each message back.
 */
@OnEachTransport
class OtherEndpointsIT {

  private static final int MESSAGE_BYTES_MAX = 1_000_000;

  private final LinkedBlockingQueue<Integer> closeCodes = new LinkedBlockingQueue<>();
  private final SocketServer sockets;
  private final WebPort web;

  OtherEndpointsIT(SocketTransport transport) throws Exception {
    var settings =
        new SocketSettings(
            Limits.defaults().outbox(),
            Limits.defaults().liveness(),
            new Metrics(),
            System::nanoTime);
    sockets =
        transport == SocketTransport.LOOP
            ? LoopServer.start(settings).orElseThrow()
            : new HelidonServer(settings);
    var upgrade =
        new SocketUpgrade(List.of(new EchoEndpoint()), sockets, ClientAddresses.ofSockets());
    web =
        new WebPort(
            "127.0.0.1",
            0,
            new BasePathRouting(BasePath.ROOT),
            Optional.empty(),
            Map.of("websocket", upgrade),
            _ -> {});
    web.start();
  }

  @AfterEach
  void stop() {
    sockets.close();
    web.stop();
  }

  private RawClient connect() throws Exception {
    return RawClient.connect(URI.create("ws://127.0.0.1:" + web.port() + "/echo"));
  }

  @Test
  @DisplayName("text and binary messages arrive with their type, and are sent back with it")
  void textAndBinary() throws Exception {
    try (var client = connect()) {
      client.frame(RawClient.TEXT, true, Bytes.utf8("{\"grün\":1}"));
      assertEquals(new RawClient.Frame.Text(Bytes.utf8("{\"grün\":1}")), client.read());
      client.frame(RawClient.BINARY, true, Bytes.ofHex("00ff"));
      assertEquals(new RawClient.Frame.Binary(Bytes.ofHex("00ff")), client.read());
    }
  }

  @Test
  @DisplayName(
      "a text message may be split within a character; a message of 900 KB arrives complete")
  void fragments() throws Exception {
    var text = Bytes.utf8("ü".repeat(450_000));
    try (var client = connect()) {
      client.frame(RawClient.TEXT, false, text.slice(0, 1));
      client.frame(RawClient.PING, true, Bytes.EMPTY);
      assertEquals(new RawClient.Frame.Pong(Bytes.EMPTY), client.read());
      client.frame(RawClient.CONTINUATION, true, text.slice(1, text.length() - 1));
      assertEquals(new RawClient.Frame.Text(text), client.read());
    }
  }

  @Test
  @DisplayName(
      "a text message that is not UTF-8 closes with 1007, and the handler is notified of the end once")
  void wrongText() throws Exception {
    try (var client = connect()) {
      client.frame(RawClient.TEXT, true, Bytes.ofHex("c3"));
      assertEquals(CloseReason.NOT_UTF8, client.awaitClose().code());
    }
    assertEquals(CloseReason.NOT_UTF8, closeCodes.take());
    assertEquals(0, closeCodes.size());
  }

  @Test
  @DisplayName("a paused socket reads nothing until its timer resumes it, and no message is lost")
  void pauses() throws Exception {
    try (var client = connect()) {
      client.write(
          Bytes.concat(
              List.of(
                  RawClient.encode(RawClient.TEXT, true, Bytes.utf8("pause")),
                  RawClient.encode(RawClient.TEXT, true, Bytes.utf8("after")))));
      assertEquals(new RawClient.Frame.Text(Bytes.utf8("resumed")), client.read());
      assertEquals(new RawClient.Frame.Text(Bytes.utf8("after")), client.read());
    }
    assertEquals(WebSocket.ABNORMAL_CLOSURE, closeCodes.take());
  }

  /** Sends messages back; the text "pause" pauses the socket for a moment. */
  private final class EchoEndpoint implements WebSocketEndpoint {

    @Override
    public boolean serves(String path) {
      return path.equals("/echo");
    }

    @Override
    public Admission admit(HttpPrologue prologue, Headers headers, String address) {
      return new Admission() {
        @Override
        public WebSocketHandler open(WebSocket socket) {
          return new Echo(socket);
        }

        @Override
        public void abandon() {}
      };
    }
  }

  private final class Echo implements WebSocketHandler {
    private final WebSocket socket;

    Echo(WebSocket socket) {
      this.socket = socket;
    }

    @Override
    public int messageBytesMax() {
      return MESSAGE_BYTES_MAX;
    }

    @Override
    public boolean takesText() {
      return true;
    }

    @Override
    public void opened() {}

    @Override
    public void binary(Bytes message) {
      socket.outbox().offer(message, Bytes.EMPTY);
      socket.outbox().flush();
    }

    @Override
    public void text(Bytes message) {
      if (message.equals(Bytes.utf8("pause"))) {
        socket.pause();
        socket.after(
            1_000_000,
            () -> {
              sendText("resumed");
              socket.resume();
            });
      } else {
        sendText(message.toUtf8());
      }
    }

    private void sendText(String text) {
      socket.outbox().offerText(Bytes.utf8(text));
      socket.outbox().flush();
    }

    @Override
    public void frameRead(int payloadBytes) {}

    @Override
    public void awaitsInput() {}

    @Override
    public void violated(int code, String rule, String reason) {
      socket.outbox().close(code, reason, null);
    }

    @Override
    public void closing() {}

    @Override
    public void checkTimeouts(long nowNanos) {}

    @Override
    public void ended(int code) {
      closeCodes.add(code);
    }
  }
}
