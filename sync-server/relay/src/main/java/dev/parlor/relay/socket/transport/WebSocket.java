package dev.parlor.relay.socket.transport;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.relay.config.FixedLimits;
import dev.parlor.relay.document.CloseCodes;
import java.nio.ByteBuffer;

/**
 * One WebSocket: its frames in and out, its closing handshake, its liveness [WS4]. A {@link
 * WebSocketHandler} is the protocol that is spoken on it. All methods run on the socket's thread,
 * unless their comment says otherwise. Everything that is sent goes through the {@link #outbox}.
 */
public final class WebSocket {

  /** The close code in metrics for a socket that ended without a close frame. */
  static final int VANISHED = 1006;

  private static final long NANOS_PER_MILLI = 1_000_000L;
  private static final long LINGER_NANOS = FixedLimits.LINGER_MILLIS_MAX * NANOS_PER_MILLI;

  /** What happens to the bytes that arrive; it only ever moves on to a later constant. */
  private enum Input {
    /** They are read as frames. */
    FRAMES,
    /** They are discarded, since a frame was broken or the server is out of memory. */
    DISCARDED,
    /** They are discarded, since the client's close frame came. */
    CLOSED,
    /** None arrive: the socket is gone. */
    ENDED
  }

  /** The timed checks of a socket. */
  private sealed interface Liveness {

    /** The socket is pinged. */
    final class Pinged implements Liveness {
      private long at;

      /** Consecutive pings without any input after them. */
      private int silent;

      private Pinged(long at) {
        this.at = at;
      }
    }

    /** A close frame is on its way to the client, which has until the end to answer it. */
    record Closing(long end) implements Liveness {}
  }

  private final SocketLink link;
  private final SocketSettings settings;
  private final Outbox outbox;
  private final FrameReader frames = new FrameReader();
  private final Fragments fragments = new Fragments();
  private final WebSocketHandler handler;
  private Input input = Input.FRAMES;
  private Liveness liveness;
  private boolean paused;

  /** The client has sent or taken bytes since the last ping. */
  private volatile boolean activeSincePing = true;

  WebSocket(
      SocketLink link,
      FrameSender sender,
      SocketSettings settings,
      WebSocketEndpoint.Admission admission) {
    this.link = link;
    this.settings = settings;
    this.outbox = new Outbox(sender, settings.outbox(), settings.metrics());
    this.liveness = new Liveness.Pinged(settings.now());
    this.handler = admission.open(this);
  }

  // For the protocol.

  /** The queue of frames to the client; safe from any thread. */
  public Outbox outbox() {
    return outbox;
  }

  /** Runs a task on the socket's thread, in order; from any thread. */
  public void execute(Runnable task) {
    link.execute(task);
  }

  /** Runs a step after all input that has arrived is read. */
  public void later(Runnable step) {
    link.later(step);
  }

  /** Runs a task on the socket's thread after this many nanoseconds. */
  public void after(long nanos, Runnable task) {
    link.after(nanos, task);
  }

  /** Sockets with the same number share a thread; negative when the socket has its own. */
  public int lane() {
    return link.lane();
  }

  /** Reads nothing until {@link #resume}, so that the client is slowed down. */
  public void pause() {
    if (!paused && !isEnded()) {
      paused = true;
      link.pauseReading();
    }
  }

  /** Reads on after {@link #pause}. */
  public void resume() {
    if (paused && !isEnded()) {
      paused = false;
      activeSincePing = true;
      link.resumeReading();
    }
  }

  public boolean isEnded() {
    return input == Input.ENDED;
  }

  /** The number of bytes in parts of messages, in unread input and in the outbox. */
  public long heldBytes() {
    return frames.heldBytes() + fragments.length() + link.unreadBytes() + outbox.bytes();
  }

  /** Discards these bytes, and all input from now on; a close must follow. */
  public void discard() {
    stopReading(Input.DISCARDED);
    frames.forget();
    fragments.clear();
    link.discardUnread();
    outbox.letGo();
  }

  /** Breaks the socket without a close frame; from any thread. */
  public void kill() {
    link.execute(() -> finish(VANISHED));
  }

  // For the transport.

  /** Called once, before any input. */
  void open() {
    handler.opened();
  }

  boolean isPaused() {
    return paused;
  }

  /** The client has taken bytes after the socket had been full; from any thread. */
  void tookBytes() {
    // On a slow line a ping waits behind a large document.
    activeSincePing = true;
  }

  /** Reads arrived bytes until a pause; the transport keeps the rest for the end of the pause. */
  void received(ByteBuffer in) {
    activeSincePing = true;
    while (!paused && input == Input.FRAMES) {
      switch (frames.read(in, handler.messageBytesMax())) {
        case FrameReader.Read.Incomplete() -> {
          handler.awaitsInput();
          return;
        }
        case FrameReader.Read.Broken(var code, var reason) -> {
          stopReading(Input.DISCARDED);
          handler.violated(code, code == CloseCodes.TOO_BIG ? "WS1" : "WS6", reason);
        }
        case FrameReader.Read.Frame frame -> {
          frame(frame);
          handler.frameRead(frame.payload().length());
        }
      }
    }
  }

  /** Whether input is read; if not, it is discarded. */
  boolean readsFrames() {
    return input == Input.FRAMES;
  }

  /** The close frame was sent, or the socket takes bytes again. */
  void finishIfClosed() {
    if (input == Input.CLOSED && outbox.isDone()) {
      finish(outbox.closeCode());
    }
  }

  /** The timed checks; the transport calls it several times between two pings. */
  void pulse(long now) {
    if (isEnded()) {
      return;
    }
    if (outbox.closeCode() == 0) {
      handler.pulse(now);
    }
    switch (liveness) {
      case Liveness.Closing(var end) -> {
        if (now - end > 0) {
          finish(VANISHED);
        }
      }
      case Liveness.Pinged pinged -> {
        if (outbox.closeCode() != 0) {
          liveness = new Liveness.Closing(now + LINGER_NANOS);
        } else if (now - pinged.at >= settings.liveness().pingMillis() * NANOS_PER_MILLI) {
          ping(pinged, now);
        }
      }
    }
  }

  /** Ends the socket, once. After this nothing is written, and the handler is not called. */
  void finish(int status) {
    if (isEnded()) {
      return;
    }
    stopReading(Input.ENDED);
    var code = outbox.closeCode();
    outbox.stop();
    link.close();
    link.discardUnread();
    frames.forget();
    fragments.clear();
    handler.ended(code == 0 ? status : code);
  }

  private void ping(Liveness.Pinged pinged, long now) {
    pinged.silent = activeSincePing || paused ? 0 : pinged.silent + 1;
    if (pinged.silent >= settings.liveness().silentPingsMax()) {
      outbox.close(CloseCodes.SILENT, "[WS4] nothing was received since the last pings", null);
      liveness = new Liveness.Closing(now); // It will not answer the close either.
      return;
    }
    activeSincePing = false;
    pinged.at = now;
    outbox.ping();
  }

  private void stopReading(Input because) {
    if (because.compareTo(input) > 0) {
      input = because;
    }
  }

  private void frame(FrameReader.Read.Frame frame) {
    switch (frame.opcode()) {
      case FrameReader.PING -> outbox.pong(frame.payload());
      case FrameReader.PONG -> {}
      case FrameReader.CLOSE -> closed(frame.payload());
      case FrameReader.TEXT -> {
        if (handler.takesText()) {
          part(frame, true);
        } else {
          handler.violated(CloseCodes.TEXT, "WS1", "only binary frames are understood");
        }
      }
      case FrameReader.BINARY -> part(frame, false);
      default -> part(frame, fragments.isText());
    }
  }

  private void part(FrameReader.Read.Frame frame, boolean text) {
    var part = frame.payload();
    if (fragments.length() + part.length() > handler.messageBytesMax()) {
      fragments.clear();
      handler.violated(
          CloseCodes.TOO_BIG,
          "WS1",
          "a message has at most " + handler.messageBytesMax() + " bytes");
      return;
    }
    var whole = fragments.add(part, frame.last(), text);
    if (whole.isEmpty()) {
      return;
    }
    if (!text) {
      handler.binary(whole.get());
    } else if (CloseReason.isText(whole.get())) {
      handler.text(whole.get());
    } else {
      handler.violated(CloseReason.NOT_UTF8, "WS6", "a text message must be UTF-8");
    }
  }

  /**
   * Handles the client's close frame. It is answered with its own code, unless the server closed
   * first.
   */
  private void closed(Bytes payload) {
    stopReading(Input.CLOSED);
    handler.closing();
    var code = CloseReason.codeOf(payload);
    if (code < 0) {
      outbox.close(CloseReason.PROTOCOL_ERROR, "[WS6] no such close code", null);
    } else {
      outbox.close(code, "", null);
    }
    finishIfClosed();
  }
}
