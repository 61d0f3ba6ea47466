/** Tests of the connection, with a time and a server that the test controls. */
@NullMarked
package dev.parlor.client.connection;

import org.jspecify.annotations.NullMarked;
