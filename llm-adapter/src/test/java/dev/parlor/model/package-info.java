/** Tests of the model clients, with real sockets on loopback and a manual clock. */
@NullMarked
package dev.parlor.model;

import org.jspecify.annotations.NullMarked;
