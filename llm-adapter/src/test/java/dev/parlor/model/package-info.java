/** Tests of the model clients, against real sockets on loopback and with a clock turned by hand. */
@NullMarked
package dev.parlor.model;

import org.jspecify.annotations.NullMarked;
