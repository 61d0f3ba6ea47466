/**
 * Attacks on a whole server with its store on disk, while twenty honest clients use it. Each attack
 * is refused by a rule or has no effect, and no honest client is harmed.
 */
package dev.parlor.server.hostile;
