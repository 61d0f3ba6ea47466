package dev.parlor.bench.load;

/**
 * What was measured of one relay in one scenario; times in milliseconds, memory in KiB.
 *
 * @param cpuPerEdit CPU of the server process divided by edits
 * @param cpuPerDelivery CPU of the server process divided by deliveries to readers
 * @param p50 half of the deliveries took no longer, from the writer's send to the reader's receipt
 * @param p99 the same for 99 of 100
 * @param ackP50 from the writer's send to the acknowledgement
 * @param joinP50 from a client's request to having everything
 * @param residentBefore resident memory of the server before the documents exist
 * @param resident the same at the end
 */
record Figures(
    double cpuPerEdit,
    double cpuPerDelivery,
    double p50,
    double p99,
    double ackP50,
    double joinP50,
    long residentBefore,
    long resident) {}
