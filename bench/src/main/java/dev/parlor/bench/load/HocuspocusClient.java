package dev.parlor.bench.load;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;

/**
 * A Hocuspocus client that keeps no document: it sends a token, requests the document, and answers
 * the server's own request with an empty update. Owned by the loop's thread.
 */
abstract class HocuspocusClient extends Client {

  static final int SYNC = 0;
  private static final int AUTH = 2;
  private static final int SYNC_REPLY = 4;
  private static final int SYNC_STATUS = 8;

  static final int STEP_1 = 0;
  private static final int STEP_2 = 1;
  static final int UPDATE = 2;

  private static final int AUTH_TOKEN = 0;
  private static final int AUTHENTICATED = 2;

  private static final byte[] NO_STATE = {0};
  private static final byte[] NO_UPDATE = {0, 0};

  /** The unconfirmed messages, in order: a position, or -1 for a message without an edit. */
  private final ArrayDeque<Integer> unconfirmed = new ArrayDeque<>();

  final String document;

  HocuspocusClient(Loop loop, int port, String name, String document) {
    super(loop, port, "/", name);
    this.document = document;
  }

  /** The server accepted the token. */
  abstract void authenticated();

  /** The whole document arrived, in answer to {@link #requestDocument}. */
  abstract void documentReceived(long nanoTime);

  /** An edit of another client arrived. */
  abstract void updateReceived(int position, long nanoTime);

  /** The server confirmed the edit at this position, or the empty answer if it is -1. */
  abstract void confirmed(int position, long nanoTime);

  final void requestDocument() {
    sync(STEP_1, NO_STATE);
  }

  final void edit(byte[] update, int position) {
    unconfirmed.add(position);
    sync(UPDATE, update);
  }

  private void sync(int step, byte[] content) {
    var out = start(SYNC);
    Lib0.unsigned(out, step);
    Lib0.bytes(out, content);
    send(out.toByteArray());
  }

  private ByteArrayOutputStream start(int type) {
    var out = new ByteArrayOutputStream(64);
    Lib0.text(out, document);
    Lib0.unsigned(out, type);
    return out;
  }

  @Override
  public final void opened() {
    var out = start(AUTH);
    Lib0.unsigned(out, AUTH_TOKEN);
    Lib0.text(out, "bench");
    send(out.toByteArray());
  }

  @Override
  public final void message(byte[] message) {
    var now = System.nanoTime();
    var in = ByteBuffer.wrap(message);
    Lib0.bytes(in); // skips the document's name, which is always the same
    switch ((int) Lib0.unsigned(in)) {
      case SYNC, SYNC_REPLY -> handleSync(in, now);
      case AUTH -> {
        if (Lib0.unsigned(in) == AUTHENTICATED) {
          setJoined(true);
          authenticated();
        } else {
          fail("authentication failed");
        }
      }
      case SYNC_STATUS -> confirmed(unconfirmed.remove(), now);
      default -> {} // awareness and other messages
    }
  }

  private void handleSync(ByteBuffer in, long now) {
    switch ((int) Lib0.unsigned(in)) {
      case STEP_1 -> {
        unconfirmed.add(-1);
        sync(STEP_2, NO_UPDATE);
      }
      case STEP_2 -> documentReceived(now);
      case UPDATE -> {
        var update = Lib0.bytes(in);
        if (Lib0.unsigned(update) == 1) { // the update is of one client
          Lib0.unsigned(update); // skips the number of items
          Lib0.unsigned(update); // skips the client id
          updateReceived((int) Lib0.unsigned(update), now);
        }
      }
      default -> fail("unknown sync step");
    }
  }
}
