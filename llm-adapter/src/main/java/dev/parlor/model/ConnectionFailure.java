package dev.parlor.model;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.util.Locale;
import javax.net.ssl.SSLException;

/** A connection that failed before any part of an answer arrived. */
record ConnectionFailure(IOException problem) {

  /** Whether the request may be sent again; false after a timeout, as the model may be working. */
  boolean mayRetry() {
    return !(problem instanceof InterruptedIOException);
  }

  /** Whether the endpoint did not accept the connection in time; it then received no request. */
  boolean isConnectTimeout() {
    return problem instanceof SocketTimeoutException
        && String.valueOf(problem.getMessage()).toLowerCase(Locale.ROOT).contains("connect");
  }

  /** The failure as a sentence for people. */
  String reason() {
    return switch (problem) {
      case UnknownHostException _ -> "the model endpoint's host is unknown";
      case ConnectException _ -> "the model endpoint refused the connection";
      case NoRouteToHostException _ -> "the model endpoint cannot be reached";
      case SSLException _ -> "the model endpoint's TLS certificate or protocol was not accepted";
      case SocketTimeoutException _ when isConnectTimeout() ->
          "the model endpoint did not accept the connection in time";
      case InterruptedIOException _ -> "the model endpoint did not answer in time";
      default -> "the connection to the model endpoint broke before an answer";
    };
  }
}
