/**
 * Attacks on a whole server with its store on disk, while twenty honest clients keep working: each
 * attack is refused by its rule and harms no honest client.
 */
package dev.parlor.server.hostile;
