package dev.parlor.relay.document;

/**
 * Every WebSocket close code that this server sends, with the reasons for it. Before the close, a
 * joined peer receives the rule and the reason in an {@code error} message.
 *
 * <p>A refused change has one of these codes too, but it closes only connections by ticket. On
 * other connections the peer receives the {@code error} message and stays connected, until changes
 * were refused in too many documents. {@code docs/protocol.md} has the table.
 */
public final class CloseCodes {

  /** The peer sent {@code leave}. */
  public static final int NORMAL = 1000;

  /** The server received nothing since its last pings [WS4]; this code seldom reaches the peer. */
  public static final int SILENT = 1001;

  /** A text frame [WS1]. */
  public static final int TEXT = 1003;

  /** A frame that is not one CBOR value [WS1]. */
  public static final int NOT_CBOR = 1007;

  /** A message before the join, or no join in time [HS1]. */
  public static final int HANDSHAKE = 1008;

  /** A frame above the limit [WS1]. */
  public static final int TOO_BIG = 1009;

  /** A defect of this server. The document leaves memory and is opened again from the disk. */
  public static final int DEFECT = 1011;

  /** The server stops or restarts [DU6]; the client should reconnect. */
  public static final int RESTART = 1012;

  /**
   * The peer reads its messages too slowly, or the document is full at present; the client should
   * reconnect later.
   */
  public static final int OVERLOAD = 1013;

  /**
   * The caller's permissions have changed [AC10]; the client should reconnect with a new ticket.
   */
  public static final int PERMISSIONS_CHANGED = 4001;

  /** The token of the connection has expired [TK4]; the client should connect with another. */
  public static final int TOKEN_EXPIRED = 4002;

  /** A message that breaks a rule of the protocol: fields [WS2], [WS3], [HS7], sender [HS5]. */
  public static final int BAD_MESSAGE = 4400;

  /**
   * The caller may not make this change [AD4] [AD5] [AD6], or the peer id belongs to another caller
   * [HS4]. Or the caller has lost access: the link was ended [AC6] or has expired [AC7], or a host
   * removed the caller [AC9].
   */
  public static final int NOT_ALLOWED = 4403;

  /** No common protocol version [HS3]. */
  public static final int VERSION = 4405;

  /** The same peer id joined on a newer connection [HS4]. */
  public static final int REPLACED = 4409;

  /** A sync message or change that is malformed [SY2], [SY4], [AD1] or above a limit [AD3]. */
  public static final int MALFORMED = 4422;

  private CloseCodes() {}
}
