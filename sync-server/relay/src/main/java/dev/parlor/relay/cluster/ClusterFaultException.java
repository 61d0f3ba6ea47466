package dev.parlor.relay.cluster;

import java.io.IOException;

/**
 * The cluster cannot be used as it is or as it is configured. The message is one sentence for the
 * operator: what is wrong, and how to mend it. A start that fails with it ends with status 2.
 */
public final class ClusterFaultException extends IOException {

  private static final long serialVersionUID = 1L;

  public ClusterFaultException(String message, Throwable cause) {
    super(message, cause);
  }
}
