/** Tests of the command {@code parlor peer}. */
@NullMarked
package dev.parlor.client.peer;

import org.jspecify.annotations.NullMarked;
