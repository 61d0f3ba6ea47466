package dev.parlor.client.connection;

import java.net.URI;
import java.util.Optional;

/**
 * Supplies the address for each connection. A program whose tokens expire fetches a new token here.
 */
@FunctionalInterface
public interface ServerAddress {

  /**
   * The address of the next connection, {@code ws:} or {@code wss:}. It may block: it runs on a
   * thread of its own. If it fails or takes longer than the limit for a join, the repository tries
   * again after a pause.
   *
   * @param last how the last connection ended; empty before the first connection. After the close
   *     code 4002 the token has expired
   */
  URI next(Optional<ConnectionEnd> last) throws Exception;
}
