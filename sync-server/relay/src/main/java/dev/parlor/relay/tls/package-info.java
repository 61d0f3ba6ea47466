/**
 * The server's certificate and private key for TLS.
 *
 * <p>Two PEM files are read into one {@link dev.parlor.relay.tls.ServerCertificate}. If that fails,
 * a {@link dev.parlor.relay.tls.TlsFileException} tells the operator which file is wrong and what
 * to do. This happens once, at start, on the main thread; {@link dev.parlor.relay.tls.TlsContext}
 * then serves the threads of all connections. This package uses only the JDK and imports no other
 * package of Parlor.
 */
@NullMarked
package dev.parlor.relay.tls;

import org.jspecify.annotations.NullMarked;
