package dev.parlor.client.connection;

import dev.parlor.crdt.identity.Bytes;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Connections by the JDK's WebSocket client. */
final class WebSocketTransport implements Transport {

  /** A longer message of the server ends the connection. */
  private static final long MESSAGE_BYTES_MAX = 512L << 20;

  private final HttpClient client;

  WebSocketTransport(HttpClient client) {
    this.client = client;
  }

  @Override
  public void open(URI address, Observer observer) {
    var listener = new Listener(observer);
    CompletableFuture<WebSocket> opening;
    try {
      opening = client.newWebSocketBuilder().buildAsync(address, listener);
    } catch (IllegalArgumentException e) {
      observer.ended(
          new ConnectionEnd.Failed("the address is not a ws: or wss: URL: " + e.getMessage()));
      return;
    }
    var _ =
        opening.whenComplete(
            (_, failure) -> {
              if (failure != null) {
                observer.ended(endOf(failure));
              }
            });
  }

  private static ConnectionEnd endOf(Throwable failure) {
    var cause = failure instanceof CompletionException ? failure.getCause() : failure;
    return cause instanceof WebSocketHandshakeException refused
        ? new ConnectionEnd.Refused(refused.getResponse().statusCode())
        : new ConnectionEnd.Failed("the connection failed: " + cause);
  }

  /** Collects the fragments of messages. The JDK calls it on one thread at a time. */
  private static final class Listener implements WebSocket.Listener {
    private final Observer observer;
    private final List<Bytes> fragments = new ArrayList<>();
    private long fragmentBytes;

    Listener(Observer observer) {
      this.observer = observer;
    }

    @Override
    public void onOpen(WebSocket socket) {
      observer.opened(new SocketLink(socket, observer));
      socket.request(1);
    }

    @Override
    public @Nullable CompletionStage<?> onBinary(
        WebSocket socket, ByteBuffer data, boolean isLast) {
      observer.active();
      var bytes = new byte[data.remaining()];
      data.get(bytes);
      fragments.add(Bytes.wrap(bytes));
      fragmentBytes += bytes.length;
      if (fragmentBytes > MESSAGE_BYTES_MAX) {
        socket.abort();
        observer.ended(new ConnectionEnd.Failed("the server sent a message above 512 MiB"));
      } else if (isLast) {
        var message = fragments.size() == 1 ? fragments.getFirst() : Bytes.concat(fragments);
        fragments.clear();
        fragmentBytes = 0;
        observer.message(message); // its receiver asks for the next one
      } else {
        socket.request(1);
      }
      return null;
    }

    @Override
    public @Nullable CompletionStage<?> onText(
        WebSocket socket, CharSequence data, boolean isLast) {
      socket.abort();
      observer.ended(new ConnectionEnd.Failed("the server sent a text message"));
      return null;
    }

    @Override
    public @Nullable CompletionStage<?> onPing(WebSocket socket, ByteBuffer payload) {
      observer.active(); // the JDK has answered it
      socket.request(1);
      return null;
    }

    @Override
    public @Nullable CompletionStage<?> onPong(WebSocket socket, ByteBuffer payload) {
      observer.active();
      socket.request(1);
      return null;
    }

    @Override
    public @Nullable CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
      observer.ended(new ConnectionEnd.Closed(code, reason));
      return null;
    }

    @Override
    public void onError(WebSocket socket, Throwable failure) {
      observer.ended(endOf(failure));
    }
  }

  private static final class SocketLink implements Link {
    private final WebSocket socket;
    private final Observer observer;
    private final AtomicLong waitingBytes = new AtomicLong();

    /** Ends when the last message is sent: the JDK accepts only one message at a time. */
    private CompletableFuture<?> sending = CompletableFuture.completedFuture(null);

    SocketLink(WebSocket socket, Observer observer) {
      this.socket = socket;
      this.observer = observer;
    }

    @Override
    public void send(Bytes message) {
      waitingBytes.addAndGet(message.length());
      then(() -> socket.sendBinary(message.buffer(), true), message.length());
    }

    @Override
    public void ping() {
      then(() -> socket.sendPing(ByteBuffer.allocate(0)), 0);
    }

    @Override
    public void close() {
      then(() -> socket.sendClose(WebSocket.NORMAL_CLOSURE, ""), 0);
    }

    private synchronized void then(Supplier<CompletableFuture<WebSocket>> message, int bytes) {
      sending =
          sending
              .thenCompose(_ -> message.get())
              .whenComplete(
                  (_, failure) -> {
                    waitingBytes.addAndGet(-bytes);
                    if (failure == null) {
                      observer.sent();
                    } else {
                      observer.ended(endOf(failure));
                    }
                  });
    }

    @Override
    public long waitingBytes() {
      return waitingBytes.get();
    }

    @Override
    public void receiveNext() {
      socket.request(1);
    }

    @Override
    public void abort() {
      socket.abort();
    }
  }
}
