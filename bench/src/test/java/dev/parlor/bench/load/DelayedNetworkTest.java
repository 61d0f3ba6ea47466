package dev.parlor.bench.load;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, unit = TimeUnit.SECONDS)
class DelayedNetworkTest {

  private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

  /** A server that sends all bytes back and closes a connection when the other side does. */
  private static ServerSocket echo() throws IOException {
    var server = new ServerSocket(0, 10, LOOPBACK);
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                while (true) {
                  var socket = server.accept();
                  Thread.ofVirtual().start(() -> copy(socket));
                }
              } catch (IOException _) {
                // the server socket was closed
              }
            });
    return server;
  }

  private static void copy(Socket socket) {
    try (socket) {
      socket.getInputStream().transferTo(socket.getOutputStream());
    } catch (IOException _) {
      // the client closed the connection
    }
  }

  @Test
  void theDelayAppliesToEachDirection() throws Exception {
    var delay = Duration.ofMillis(30);
    try (var server = echo();
        var network = DelayedNetwork.to(server.getLocalPort(), delay);
        var socket = new Socket(LOOPBACK, network.port())) {
      socket.setTcpNoDelay(true);
      for (var i = 0; i < 5; i++) {
        var before = System.nanoTime();
        socket.getOutputStream().write(i);
        assertEquals(i, socket.getInputStream().read());
        var elapsedNanos = System.nanoTime() - before;
        assertTrue(
            elapsedNanos >= 2 * delay.toNanos(), () -> elapsedNanos + " ns for a round trip");
      }
    }
  }

  @Test
  void aLargeTransferArrivesCompletelyAndInOrder() throws Exception {
    var bytes = new byte[24 << 20];
    new Random(1).nextBytes(bytes);
    try (var server = echo();
        var network = DelayedNetwork.to(server.getLocalPort(), Duration.ofMillis(5));
        var socket = new Socket(LOOPBACK, network.port())) {
      var sender =
          Thread.ofVirtual()
              .start(
                  () -> {
                    try {
                      socket.getOutputStream().write(bytes);
                      socket.shutdownOutput();
                    } catch (IOException e) {
                      throw new IllegalStateException(e);
                    }
                  });
      assertArrayEquals(bytes, socket.getInputStream().readAllBytes());
      sender.join();
    }
  }

  @Test
  void aResetConnectionDoesNotAffectOtherConnections() throws Exception {
    try (var server = echo();
        var network = DelayedNetwork.to(server.getLocalPort(), Duration.ofMillis(1));
        var openSocket = new Socket(LOOPBACK, network.port())) {
      for (var i = 0; i < 20; i++) {
        var resetSocket = new Socket(LOOPBACK, network.port());
        resetSocket.setSoLinger(true, 0);
        resetSocket.getOutputStream().write(1);
        resetSocket.close();
      }
      openSocket.getOutputStream().write(7);
      assertEquals(7, openSocket.getInputStream().read());
    }
  }
}
