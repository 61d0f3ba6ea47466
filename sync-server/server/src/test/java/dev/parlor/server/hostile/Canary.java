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
 * For figures: measures how long this machine needs for the minimum of an honest change: a message
 * to another thread, a write forced to disk, a message back. It shares nothing with the server but
 * the machine. An attack affects it only through the load on both processors.
 */
final class Canary implements AutoCloseable {

  private final ServerSocket server;
  private final Socket near;
  private final Socket far;
  private final FileChannel file;
  private final List<Double> millis = new ArrayList<>();

  Canary(Path folder) throws IOException {
    server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    near = new Socket(server.getInetAddress(), server.getLocalPort());
    far = server.accept();
    file =
        FileChannel.open(
            folder.resolve("canary"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    Thread.ofPlatform().daemon().name("canary-there").start(this::answer);
    Thread.ofPlatform().daemon().name("canary-here").start(this::ask);
  }

  /** The times since the last call, ascending. */
  double[] take() {
    synchronized (millis) {
      var taken = millis.stream().mapToDouble(Double::doubleValue).toArray();
      millis.clear();
      Arrays.sort(taken);
      return taken;
    }
  }

  private void answer() {
    try {
      var in = new DataInputStream(far.getInputStream());
      var out = new DataOutputStream(far.getOutputStream());
      while (true) {
        var number = in.readInt();
        file.write(ByteBuffer.allocate(8).putInt(number).clear(), 0);
        file.force(false);
        out.writeInt(number);
      }
    } catch (IOException _) {
      // Closed.
    }
  }

  private void ask() {
    try {
      var in = new DataInputStream(near.getInputStream());
      var out = new DataOutputStream(near.getOutputStream());
      for (var number = 0; ; number++) {
        var begin = System.nanoTime();
        out.writeInt(number);
        var _ = in.readInt();
        synchronized (millis) {
          millis.add((System.nanoTime() - begin) / 1e6);
          // About as often as the crowd writes; no thread ever calls notify.
          millis.wait(15);
        }
      }
    } catch (IOException | InterruptedException _) {
      // Closed.
    }
  }

  @Override
  public void close() throws IOException {
    near.close();
    far.close();
    server.close();
    file.close();
  }
}
