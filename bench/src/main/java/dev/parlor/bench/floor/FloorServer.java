package dev.parlor.bench.floor;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Sends each binary message to every connection and does nothing else. It uses blocking sockets
 * with a virtual thread each, and no library. A frame other than an unfragmented binary frame
 * closes its connection.
 */
public final class FloorServer {

  private static final int BINARY = 0x82;
  private static final String ACCEPT_SUFFIX = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

  private final List<OutputStream> connections = new CopyOnWriteArrayList<>();

  private FloorServer() {}

  /** Prints its port once it listens. */
  public static void main(String[] arguments) throws IOException {
    var floor = new FloorServer();
    try (var server = new ServerSocket(0, 4_096, InetAddress.getLoopbackAddress())) {
      System.out.println("listening " + server.getLocalPort());
      while (true) {
        var socket = server.accept();
        Thread.ofVirtual().start(() -> floor.serve(socket));
      }
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      socket.setTcpNoDelay(true);
      var in = new DataInputStream(socket.getInputStream());
      var out = socket.getOutputStream();
      out.write(answer(key(in)));
      connections.add(out);
      try {
        for (var frame = frame(in); frame.length > 0; frame = frame(in)) {
          deliver(frame);
        }
      } finally {
        connections.remove(out);
      }
    } catch (IOException _) {
      // The client has closed the connection.
    }
  }

  private static String key(DataInputStream in) throws IOException {
    var head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      head.append((char) in.readUnsignedByte());
    }
    return head.toString()
        .lines()
        .filter(line -> line.toLowerCase(Locale.ROOT).startsWith("sec-websocket-key:"))
        .map(line -> line.substring(line.indexOf(':') + 1).strip())
        .findFirst()
        .orElseThrow(() -> new IOException("no WebSocket"));
  }

  private static byte[] answer(String key) {
    try {
      var hash =
          MessageDigest.getInstance("SHA-1")
              .digest((key + ACCEPT_SUFFIX).getBytes(StandardCharsets.US_ASCII));
      return ("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
              + "Sec-WebSocket-Accept: "
              + Base64.getEncoder().encodeToString(hash)
              + "\r\n\r\n")
          .getBytes(StandardCharsets.US_ASCII);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-1", e);
    }
  }

  /** The next message as a server frame; empty at the end of the stream. */
  private static byte[] frame(DataInputStream in) throws IOException {
    if (in.readUnsignedByte() != BINARY) {
      return new byte[0];
    }
    var length = in.readUnsignedByte() & 0x7f;
    if (length == 126) {
      length = in.readUnsignedShort();
    } else if (length == 127) {
      length = Math.toIntExact(in.readLong());
    }
    var mask = new byte[4];
    in.readFully(mask);
    var payload = new byte[length];
    in.readFully(payload);
    for (var i = 0; i < length; i++) {
      payload[i] ^= mask[i & 3];
    }
    var frame = ByteBuffer.allocate(10 + length).put((byte) BINARY);
    if (length < 126) {
      frame.put((byte) length);
    } else if (length < 0x1_0000) {
      frame.put((byte) 126).putShort((short) length);
    } else {
      frame.put((byte) 127).putLong(length);
    }
    frame.put(payload).flip();
    var bytes = new byte[frame.remaining()];
    frame.get(bytes);
    return bytes;
  }

  private void deliver(byte[] frame) {
    connections.removeIf(connection -> !write(connection, frame));
  }

  private static boolean write(OutputStream connection, byte[] frame) {
    synchronized (connection) {
      try {
        connection.write(frame);
        return true;
      } catch (IOException _) {
        return false; // The client has closed the connection.
      }
    }
  }
}
