package dev.parlor.server.hostile;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Measures, beside the figures of an attack, how long the machine needs for the least work of an
 * honest change: a message to another thread, a write forced to disk, and a message back. It runs
 * in the test's process, so an attack on the server affects it only by the load of the machine.
 */
final class LatencyBaseline implements AutoCloseable {

  private final ServerSocket server;
  private final Socket clientSide;
  private final Socket serverSide;
  private final FileChannel file;
  private final List<Double> millis = new ArrayList<>();

  LatencyBaseline(Path folder) throws IOException {
    server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    clientSide = new Socket(server.getInetAddress(), server.getLocalPort());
    serverSide = server.accept();
    file =
        FileChannel.open(
            folder.resolve("baseline"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    Thread.ofPlatform().daemon().name("baseline-server").start(this::serve);
    Thread.ofPlatform().daemon().name("baseline-client").start(this::measure);
  }

  /** The times in milliseconds that were measured since the last call, ascending. */
  double[] takeMillis() {
    synchronized (millis) {
      var ascending = millis.stream().mapToDouble(Double::doubleValue).toArray();
      millis.clear();
      Arrays.sort(ascending);
      return ascending;
    }
  }

  private void serve() {
    try {
      var in = new DataInputStream(serverSide.getInputStream());
      var out = new DataOutputStream(serverSide.getOutputStream());
      while (true) {
        var number = in.readInt();
        file.write(ByteBuffer.allocate(8).putInt(number).clear(), 0);
        file.force(false);
        out.writeInt(number);
      }
    } catch (IOException _) {
      // The baseline was closed.
    }
  }

  private void measure() {
    try {
      var in = new DataInputStream(clientSide.getInputStream());
      var out = new DataOutputStream(clientSide.getOutputStream());
      for (var number = 0; ; number++) {
        var begin = System.nanoTime();
        out.writeInt(number);
        var _ = in.readInt();
        synchronized (millis) {
          millis.add((System.nanoTime() - begin) / 1e6);
          // About as often as the honest clients write. A timed wait, since no thread calls notify.
          millis.wait(15);
        }
      }
    } catch (IOException | InterruptedException _) {
      // The baseline was closed.
    }
  }

  @Override
  public void close() throws IOException {
    clientSide.close();
    serverSide.close();
    server.close();
    file.close();
  }
}
