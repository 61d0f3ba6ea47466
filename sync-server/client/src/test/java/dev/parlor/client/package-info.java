/** Tests of the JVM client: units, and real servers with an unmodified automerge-repo client. */
@NullMarked
package dev.parlor.client;

import org.jspecify.annotations.NullMarked;
