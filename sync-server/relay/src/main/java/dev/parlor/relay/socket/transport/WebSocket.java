package dev.parlor.relay.socket.transport;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.relay.config.FixedLimits;
import dev.parlor.relay.document.CloseCodes;
import java.nio.ByteBuffer;

/**
 * One WebSocket: incoming and outgoing frames, the closing handshake, and liveness [WS4]. A {@link
 * WebSocketHandler} implements the protocol on it. All methods run on the socket's thread, unless
 * their comment says otherwise. All output goes through the {@link #outbox}.
 */
public final class WebSocket {

  /** The close code for a socket that ended without a close frame; only metrics see it. */
  static final int ABNORMAL_CLOSURE = 1006;

  private static final long NANOS_PER_MILLI = 1_000_000L;
  private static final long LINGER_NANOS = FixedLimits.LINGER_MILLIS_MAX * NANOS_PER_MILLI;

  /** How the bytes that arrive are treated. The state only changes to a later constant. */
  private enum Input {
    /** Bytes are read as frames. */
    FRAMES,
    /** Bytes are discarded, since a frame was invalid or the server is out of memory. */
    DISCARDED,
    /** Bytes are discarded, since the client's close frame has arrived. */
    CLOSED,
    /** No bytes arrive: the socket has ended. */
    ENDED
  }

  /** The state of the timed checks of a socket. */
  private sealed interface Liveness {

    /** The socket is pinged. */
    final class Pinged implements Liveness {
      private long pingedAt;

      /** Consecutive pings without any input after them. */
      private int silentPings;

      private Pinged(long pingedAt) {
        this.pingedAt = pingedAt;
      }
    }

    /** The server has sent a close frame, which the client must answer before the deadline. */
    record Closing(long deadline) implements Liveness {}
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

  /** Whether the client has sent or accepted bytes since the last ping. */
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
  public void executeAfterInput(Runnable step) {
    link.executeAfterInput(step);
  }

  /** Runs a task on the socket's thread after this many nanoseconds. */
  public void after(long nanos, Runnable task) {
    link.after(nanos, task);
  }

  /**
   * The number of the thread that this socket shares with others; negative if the socket has a
   * thread of its own.
   */
  public int threadNumber() {
    return link.threadNumber();
  }

  /** Stops reading until {@link #resume}, which slows the client down. */
  public void pause() {
    if (!paused && !isEnded()) {
      paused = true;
      link.pauseReading();
    }
  }

  /** Resumes reading after {@link #pause}. */
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
    frames.discard();
    fragments.clear();
    link.discardUnread();
    outbox.discardQueue();
  }

  /** Closes the socket at once, without a close frame; from any thread. */
  public void kill() {
    link.execute(() -> finish(ABNORMAL_CLOSURE));
  }

  // For the transport.

  /** Called once, before any input. */
  void open() {
    handler.opened();
  }

  boolean isPaused() {
    return paused;
  }

  /** Called when the client has accepted bytes after the socket had been full; from any thread. */
  void outputAccepted() {
    // This counts as activity, since on a slow line a ping waits behind a large document.
    activeSincePing = true;
  }

  /**
   * Reads bytes that have arrived, until a pause. The transport keeps the remaining bytes for the
   * end of the pause.
   */
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
          receive(frame);
          handler.frameRead(frame.payload().length());
        }
      }
    }
  }

  /** Whether input is read; if not, it is discarded. */
  boolean readsFrames() {
    return input == Input.FRAMES;
  }

  /** Ends the socket if both sides have sent their close frames. */
  void finishIfClosed() {
    if (input == Input.CLOSED && outbox.isDone()) {
      finish(outbox.closeCode());
    }
  }

  /**
   * Runs the timed checks: pings and time limits. The transport calls it several times between two
   * pings.
   */
  void checkTimeouts(long now) {
    if (isEnded()) {
      return;
    }
    if (outbox.closeCode() == 0) {
      handler.checkTimeouts(now);
    }
    switch (liveness) {
      case Liveness.Closing(var deadline) -> {
        if (now - deadline > 0) {
          finish(ABNORMAL_CLOSURE);
        }
      }
      case Liveness.Pinged pinged -> {
        if (outbox.closeCode() != 0) {
          liveness = new Liveness.Closing(now + LINGER_NANOS);
        } else if (now - pinged.pingedAt >= settings.liveness().pingMillis() * NANOS_PER_MILLI) {
          ping(pinged, now);
        }
      }
    }
  }

  /**
   * Ends the socket; only the first call has an effect. After this nothing is written, and the
   * handler is not called.
   */
  void finish(int status) {
    if (isEnded()) {
      return;
    }
    stopReading(Input.ENDED);
    var code = outbox.closeCode();
    outbox.stop();
    link.close();
    link.discardUnread();
    frames.discard();
    fragments.clear();
    handler.ended(code == 0 ? status : code);
  }

  private void ping(Liveness.Pinged pinged, long now) {
    pinged.silentPings = activeSincePing || paused ? 0 : pinged.silentPings + 1;
    if (pinged.silentPings >= settings.liveness().silentPingsMax()) {
      outbox.close(CloseCodes.SILENT, "[WS4] nothing was received since the last pings", null);
      liveness = new Liveness.Closing(now); // A silent client will not answer the close either.
      return;
    }
    activeSincePing = false;
    pinged.pingedAt = now;
    outbox.ping();
  }

  private void stopReading(Input newState) {
    if (newState.compareTo(input) > 0) {
      input = newState;
    }
  }

  private void receive(FrameReader.Read.Frame frame) {
    switch (frame.opcode()) {
      case FrameReader.PING -> outbox.pong(frame.payload());
      case FrameReader.PONG -> {}
      case FrameReader.CLOSE -> receiveClose(frame.payload());
      case FrameReader.TEXT -> {
        if (handler.takesText()) {
          receiveFragment(frame, true);
        } else {
          handler.violated(CloseCodes.TEXT, "WS1", "only binary frames are understood");
        }
      }
      case FrameReader.BINARY -> receiveFragment(frame, false);
      default -> receiveFragment(frame, fragments.isText());
    }
  }

  private void receiveFragment(FrameReader.Read.Frame frame, boolean text) {
    var fragment = frame.payload();
    if (fragments.length() + fragment.length() > handler.messageBytesMax()) {
      fragments.clear();
      handler.violated(
          CloseCodes.TOO_BIG,
          "WS1",
          "a message has at most " + handler.messageBytesMax() + " bytes");
      return;
    }
    var message = fragments.add(fragment, frame.last(), text);
    if (message.isEmpty()) {
      return;
    }
    if (!text) {
      handler.binary(message.get());
    } else if (CloseReason.isText(message.get())) {
      handler.text(message.get());
    } else {
      handler.violated(CloseReason.NOT_UTF8, "WS6", "a text message must be UTF-8");
    }
  }

  /**
   * Handles the client's close frame. The answer has the same code, unless the server closed first.
   */
  private void receiveClose(Bytes payload) {
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
